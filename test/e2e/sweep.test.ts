import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { headline, type PullRequestRef, readyAt, urlIn, waitForComment } from "../../infra/local/demo/conversation.ts";
import { kubectlJson } from "../../infra/local/demo/leftovers.ts";
import { waitFor } from "../../infra/local/demo/wait-for.ts";
import type { LabStatus } from "../../infra/local/lab/status.ts";
import { runningLab, type Stage, stage } from "./stage.ts";

const run = promisify(execFile);
const names = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

const namesOf = async (lab: LabStatus, ...args: string[]) =>
  (await kubectlJson(lab, ["get", ...args], names)).items.map(({ metadata }) => metadata.name);

describe("what nobody was told of", () => {
  let hello: Stage;
  let pr: PullRequestRef;
  let name: string;
  let fault: string;

  beforeAll(async () => {
    const lab = await runningLab();
    hello = await stage(lab, "hello");
    // Repeated deliveries are lost as well: only the comparison of GitHub with the records can help.
    const repository = `${hello.clone.owner}/${hello.clone.repository}`;
    const rule = { on: "webhook", match: { repository }, effect: { do: "drop" } };
    const made = await fetch(`${lab.github.url}/-/faults`, { method: "POST", body: JSON.stringify(rule) });
    const { id } = z.object({ id: z.int() }).parse(await made.json());
    fault = `${lab.github.url}/-/faults/${id}`;
  });
  afterAll(async () => {
    await fetch(fault, { method: "DELETE" });
    await hello.clone.dispose();
  });

  test("a pull request that was opened gets its preview", async () => {
    pr = await hello.propose("unheard", "Unheard of", async () => undefined);
    const comment = await waitForComment(hello.owner, pr, "ready", readyAt(pr.head), 90);
    name = new URL(urlIn(comment)).hostname.split(".")[0] ?? "";
    expect(await namesOf(hello.lab, "namespaces")).toContain(`preview-${name}`);
  });

  test("a pull request that was closed loses it, with everything that belongs to it", async () => {
    const { owner, repo, number: pull_number } = pr;
    await hello.owner.octokit.pulls.update({ owner, repo, pull_number, state: "closed" });
    await waitForComment(hello.owner, pr, "removed", (body) => headline(body).startsWith("removed"), 90);
    expect(await namesOf(hello.lab, "namespaces")).not.toContain(`preview-${name}`);
    await waitFor("the record to be gone", 10, async () =>
      (await namesOf(hello.lab, "previews", "-n", "greenroom")).includes(name) ? undefined : true,
    );
  });
});

test("a namespace whose record is gone is removed, and one that is somebody's own stays", async () => {
  const lab = await runningLab();
  const edition = `${process.pid}`;
  const kubectl = (...args: string[]) => run(lab.tools.kubectl, ["--kubeconfig", lab.kubeconfig, ...args]);
  const make = async (name: string, uid: string | undefined) => {
    await kubectl("create", "namespace", name);
    if (uid !== undefined) await kubectl("annotate", "namespace", name, `greenroom.dev/record-uid=${uid}`);
    await kubectl("label", "namespace", name, `greenroom.dev/preview=${edition}-left`);
  };
  const [left, foreign] = [`preview-${edition}-left`, `preview-${edition}-foreign`];
  await Promise.all([make(left, "00000000-0000-0000-0000-000000000000"), make(foreign, undefined)]);
  try {
    await waitFor("the leftover to be gone", 60, async () =>
      (await namesOf(lab, "namespaces")).includes(left) ? undefined : true,
    );
    expect(await namesOf(lab, "namespaces")).toContain(foreign);
  } finally {
    await kubectl("delete", "namespace", foreign, "--wait=false");
  }
});
