import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headline, type PullRequestRef, readyAt, urlIn, waitForComment } from "../../infra/local/demo/conversation.ts";
import { askPreview } from "../../infra/local/demo/preview-page.ts";
import { waitFor } from "../../infra/local/demo/wait-for.ts";
import { type OwnWorker, ownWorker } from "./own-worker.ts";
import { runningLab, type Stage, stage, visit } from "./stage.ts";

/** One preview of a repository may run at once, and then two of which one sleeps for a third. */
const one = { GREENROOM_MAX_PREVIEWS_PER_REPOSITORY: "1", GREENROOM_SWEEP_SECONDS: "2" };
const two = {
  GREENROOM_MAX_PREVIEWS_PER_REPOSITORY: "2",
  GREENROOM_MAKE_ROOM: "true",
  GREENROOM_MAKE_ROOM_AFTER_MINUTES: "0.05",
  GREENROOM_SWEEP_SECONDS: "2",
};

describe("as many previews as may run", () => {
  let worker: OwnWorker;
  let hello: Stage;
  const opened: PullRequestRef[] = [];
  const urls = new Map<PullRequestRef, string>();

  beforeAll(async () => {
    hello = await stage(await runningLab(), "hello");
    worker = await ownWorker(one);
  });
  afterAll(async () => {
    // Whoever waits leaves first, so that nobody takes a place for a moment.
    for (const pr of opened.toReversed()) {
      await hello.owner.octokit.pulls.update({
        owner: pr.owner,
        repo: pr.repo,
        pull_number: pr.number,
        state: "closed",
      });
    }
    await Promise.all(opened.map((pr) => says(pr, "removed", (body) => headline(body).startsWith("removed"), 60)));
    await worker.giveBack();
    await hello.clone.dispose();
  });

  const says = (pr: PullRequestRef, what: string, matches: (body: string) => boolean, seconds = 30) =>
    waitForComment(hello.owner, pr, what, matches, seconds);
  const open = async (branch: string): Promise<PullRequestRef> => {
    const page = (directory: string) => writeFile(join(directory, "index.html"), `<title>hello</title>${branch}\n`);
    const pr = await hello.propose(branch, `About ${branch}`, page);
    opened.push(pr);
    return pr;
  };
  const ready = async (pr: PullRequestRef) => {
    urls.set(pr, urlIn(await says(pr, "ready", readyAt(pr.head))));
  };
  const url = (pr: PullRequestRef) => urls.get(pr) ?? "";
  const asleep = async (pr: PullRequestRef) =>
    await says(pr, "asleep for another", (body) => {
      return headline(body).startsWith("asleep") && body.includes("to make room for another one");
    });
  const waits = (pr: PullRequestRef, place: number) =>
    says(pr, `place ${place} in line`, (body) => {
      return headline(body).startsWith("waiting") && body.includes(`It is number ${place} in line`);
    });
  let first: PullRequestRef;
  let second: PullRequestRef;
  let third: PullRequestRef;
  let fourth: PullRequestRef;

  test("further pull requests wait, and their comments say where in line", async () => {
    first = await open("first");
    await ready(first);
    second = await open("second");
    const comment = await waits(second, 1);
    expect(comment).toContain("As many previews of this repository are running as the operator allows at once (1).");
    expect((await askPreview(urlIn(comment))).status).toBe(503);
    third = await open("third");
    await waits(third, 2);
  });

  test("closing one starts the next, and those behind it move up", async () => {
    await hello.close(first);
    opened.splice(opened.indexOf(first), 1);
    await ready(second);
    await waits(third, 1);
    expect((await askPreview(url(first))).status).toBe(404);
  });

  test("where the operator wants it, the one that nobody has used for longest sleeps for a new one", async () => {
    await worker.restart(two);
    await ready(third);
    // The second is older, but this visit is later than anything that happened to the third.
    expect(await visit(url(second), "second")).toContain("second");
    fourth = await open("fourth");
    await ready(fourth);
    await asleep(third);
    expect((await askPreview(url(second))).status).toBe(200);
  });

  test("which wakes when somebody opens it, and another one sleeps for it", async () => {
    expect((await askPreview(url(third))).status).toBe(503);
    await asleep(second);
    expect(await waitFor("its page", 30, () => visit(url(third), "third"))).toContain("third");
    await says(third, "ready again", readyAt(third.head));
    expect((await askPreview(url(fourth))).status).toBe(200);
  });
});
