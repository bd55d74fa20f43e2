import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { headline, type PullRequestRef, readyAt, urlIn, waitForComment } from "../../infra/local/demo/conversation.ts";
import { kubectlJson } from "../../infra/local/demo/leftovers.ts";
import { askPreview } from "../../infra/local/demo/preview-page.ts";
import { waitFor } from "../../infra/local/demo/wait-for.ts";
import { previewSpec, previewStatus } from "../../src/preview/preview.ts";
import { type OwnWorker, ownWorker } from "./own-worker.ts";
import { runningLab, type Stage, stage } from "./stage.ts";

const hours = (seconds: number) => String(seconds / 3_600);
const idleSeconds = 24;
const settings = {
  GREENROOM_IDLE_HOURS: hours(idleSeconds),
  GREENROOM_IDLE_WARN_HOURS: hours(16),
  GREENROOM_IDLE_THEN: "sleep",
  GREENROOM_SWEEP_SECONDS: "2",
};

const record = z.object({ spec: previewSpec, status: previewStatus });
const warning = "Nobody has used it for a while. It is put to sleep on";

describe("previews that nobody uses", () => {
  let worker: OwnWorker;
  let hello: Stage;
  let kept: PullRequestRef;
  let left: PullRequestRef;
  let url: string;

  beforeAll(async () => {
    hello = await stage(await runningLab(), "hello");
    worker = await ownWorker(settings);
    kept = await hello.propose("kept", "To be kept", async () => undefined);
    left = await hello.propose("left", "To be left alone", async () => undefined);
  });
  afterAll(async () => {
    await Promise.all([hello.close(kept), hello.close(left)]);
    await worker.giveBack();
    await hello.clone.dispose();
  });

  const says = (pr: PullRequestRef, what: string, matches: (body: string) => boolean, seconds = 30) =>
    waitForComment(hello.owner, pr, what, matches, seconds);
  const read = async (pr: PullRequestRef) => {
    const name = new URL(urlIn(await says(pr, "its address", () => true))).hostname.split(".")[0] ?? "";
    return await kubectlJson(hello.lab, ["get", "preview", name, "-n", "greenroom"], record);
  };

  test("are announced to go", async () => {
    await Promise.all(
      [kept, left].map(async (pr) => {
        const comment = await says(pr, "the warning", (body) => readyAt(pr.head)(body) && body.includes(warning));
        if (pr === left) url = urlIn(comment);
      }),
    );
    const { status } = await read(left);
    expect(status.warnedFor).toBe(status.expiresAt);
    expect(Date.parse(status.expiresAt ?? "") - Date.parse(status.readyAt ?? "")).toBe(idleSeconds * 1_000);
  });

  test("stay where somebody asks for it, and the warning goes", async () => {
    const where = { owner: kept.owner, repo: kept.repo, issue_number: kept.number };
    await hello.owner.octokit.issues.createComment({ ...where, body: "/preview extend 2h" });
    await says(kept, "no warning", (body) => readyAt(kept.head)(body) && !body.includes(warning), 15);
    const { spec } = await read(kept);
    expect(Date.parse(spec.keepUntil ?? "") - Date.now()).toBeGreaterThan(1.9 * 3_600_000);
  });

  test("else are put to sleep when their time is over", async () => {
    const comment = await says(left, "asleep", (body) => headline(body).startsWith("asleep"));
    expect(comment).toContain("because nobody has used it for a while");
    const { status } = await read(left);
    expect(status.asleep?.workloads).toEqual([{ kind: "Deployment", name: "hello", replicas: 1 }]);
    expect(Date.parse(status.asleep?.since ?? "") - Date.parse(status.readyAt ?? "")).toBeGreaterThanOrEqual(
      idleSeconds * 1_000,
    );
    expect((await read(kept)).status.phase).toBe("Ready");
  });

  test("and wake for whoever opens them", async () => {
    expect((await askPreview(url)).status).toBe(503);
    await waitFor("its page", 20, async () => ((await askPreview(url)).status === 200 ? true : undefined));
    await says(left, "ready again", readyAt(left.head));
  });
});
