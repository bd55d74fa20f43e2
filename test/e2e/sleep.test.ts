import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { headline, type PullRequestRef, readyAt, urlIn, waitForComment } from "../../infra/local/demo/conversation.ts";
import { kubectlJson } from "../../infra/local/demo/leftovers.ts";
import { askPreview } from "../../infra/local/demo/preview-page.ts";
import { waitFor } from "../../infra/local/demo/wait-for.ts";
import { previewSpec, previewStatus } from "../../src/preview/preview.ts";
import { runningLab, type Stage, stage } from "./stage.ts";

const run = promisify(execFile);
const record = z.object({ spec: previewSpec, status: previewStatus });
const workloads = z.object({ items: z.array(z.object({ spec: z.object({ replicas: z.number() }) })) });

describe("a preview that is put to sleep", () => {
  let hello: Stage;
  let pr: PullRequestRef;
  let url: string;
  let name: string;

  beforeAll(async () => {
    hello = await stage(await runningLab(), "hello");
    pr = await hello.propose("sleep", "To be put to sleep", async () => undefined);
    url = urlIn(await waitForComment(hello.owner, pr, "ready", readyAt(pr.head)));
    name = new URL(url).hostname.split(".")[0] ?? "";
  });
  afterAll(async () => {
    await hello.close(pr);
    await hello.clone.dispose();
  });

  const kubectl = (...args: string[]) => run(hello.lab.tools.kubectl, ["--kubeconfig", hello.lab.kubeconfig, ...args]);
  const read = () => kubectlJson(hello.lab, ["get", "preview", name, "-n", "greenroom"], record);
  const replicas = async () => {
    const { items } = await kubectlJson(hello.lab, ["get", "deployments", "-n", `preview-${name}`], workloads);
    return items.map(({ spec }) => spec.replicas);
  };
  const putToSleep = async () => {
    const patch = JSON.stringify({ spec: { want: "asleep" } });
    await kubectl("patch", "preview", name, "-n", "greenroom", "--type=merge", "--patch", patch);
    await waitFor("sleep", 20, async () => ((await read()).status.phase === "Asleep" ? true : undefined));
  };

  test("by its record runs nothing, and its comment says how it wakes", async () => {
    expect(await replicas()).toEqual([1]);
    await putToSleep();
    expect(await replicas()).toEqual([0]);
    const { status } = await read();
    expect(status.asleep?.workloads).toEqual([{ kind: "Deployment", name: "hello", replicas: 1 }]);
    const comment = await waitForComment(hello.owner, pr, "asleep", (body) => headline(body).startsWith("asleep"));
    expect(comment).toContain("when its address is opened");
  });

  test("wakes for its first visitor, who sees it a few seconds later", async () => {
    const opened = performance.now();
    const first = await askPreview(url);
    expect([first.status, first.headers["retry-after"]]).toEqual([503, "2"]);
    expect(first.body).toContain("The preview is waking up");
    await waitFor("an answer", 15, async () => ((await askPreview(url)).status === 200 ? true : undefined));
    console.log(`from the first visit to the preview's own answer: ${Math.round(performance.now() - opened)} ms`);
    const { spec, status } = await waitFor("ready", 10, async () => {
      const found = await read();
      return found.status.phase === "Ready" ? found : undefined;
    });
    expect(status.deployedCommit).toBe(pr.head);
    expect(spec.want).toBe("running");
    expect(status.asleep).toBeUndefined();
    expect(await replicas()).toEqual([1]);
  });

  test("wakes when its record wants it running", async () => {
    await putToSleep();
    const patch = JSON.stringify({ spec: { want: "running" } });
    await kubectl("patch", "preview", name, "-n", "greenroom", "--type=merge", "--patch", patch);
    await waitFor("ready", 20, async () => ((await read()).status.phase === "Ready" ? true : undefined));
    expect(await replicas()).toEqual([1]);
    expect((await askPreview(url)).status).toBe(200);
  });
});
