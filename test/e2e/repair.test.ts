import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type PullRequestRef, readyAt, urlIn, waitForComment } from "../../infra/local/demo/conversation.ts";
import { kubectlJson } from "../../infra/local/demo/leftovers.ts";
import { waitFor } from "../../infra/local/demo/wait-for.ts";
import { previewStatus } from "../../src/preview/preview.ts";
import { runningLab, type Stage, stage, visit } from "./stage.ts";

const run = promisify(execFile);
const record = z.object({ metadata: z.object({ uid: z.string() }), status: previewStatus.optional() });

describe("what people take away by hand", () => {
  let hello: Stage;
  let pr: PullRequestRef;
  let url: string;
  let name: string;

  beforeAll(async () => {
    hello = await stage(await runningLab(), "hello");
    pr = await hello.propose("repair", "To be repaired", async () => undefined);
    url = urlIn(await waitForComment(hello.owner, pr, "ready", readyAt(pr.head)));
    name = new URL(url).hostname.split(".")[0] ?? "";
  });
  afterAll(async () => {
    await hello.close(pr);
    await hello.clone.dispose();
  });

  const kubectl = (...args: string[]) => run(hello.lab.tools.kubectl, ["--kubeconfig", hello.lab.kubeconfig, ...args]);
  const read = () => kubectlJson(hello.lab, ["get", "preview", name, "-n", "greenroom"], record);

  test("a record: the preview is torn down, and the open pull request gets a new one", async () => {
    const before = await read();
    await kubectl("delete", "preview", name, "-n", "greenroom", "--wait=false");
    const after = await waitFor("a new record that is ready", 60, async () => {
      const found = await read();
      return found.metadata.uid !== before.metadata.uid && found.status?.phase === "Ready" ? found : undefined;
    });
    expect(after.status?.deployedCommit).toBe(pr.head);
    await visit(url, "<");
  });

  test("a namespace: it is made anew, with the preview in it", async () => {
    const before = (await read()).status?.attempt ?? 0;
    await kubectl("delete", "namespace", `preview-${name}`, "--wait=false");
    const after = await waitFor("a new attempt that is ready", 90, async () => {
      const { status } = await read();
      return (status?.attempt ?? 0) > before && status?.phase === "Ready" ? status : undefined;
    });
    expect(after.deployedCommit).toBe(pr.head);
    await visit(url, "<");
  });
});
