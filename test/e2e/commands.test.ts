import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  headline,
  openPullRequest,
  type PullRequestRef,
  readyAt,
  urlIn,
  waitForComment,
} from "../../infra/local/demo/conversation.ts";
import { kubectlJson, solvesSince } from "../../infra/local/demo/leftovers.ts";
import { type Clone, cloneRepository, type Person, person } from "../../infra/local/demo/person.ts";
import { waitFor } from "../../infra/local/demo/wait-for.ts";
import { runningLab, type Stage, stage, visit } from "./stage.ts";

const deployments = z.object({ items: z.array(z.object({ spec: z.object({ replicas: z.number() }) })) });

/** As `hello`, with a number that comments may set. */
async function configured(directory: string): Promise<void> {
  const file = join(directory, "greenroom.yaml");
  const text = await readFile(file, "utf8");
  const chart = "  path: chart\n  values: {replicas: '${set.REPLICAS}'}\n";
  await writeFile(file, `${text.replace("  path: chart\n", chart)}set: {REPLICAS: {default: 1}}\n`);
}

async function page(directory: string, text: string): Promise<void> {
  await writeFile(join(directory, "index.html"), `<!doctype html><title>hello</title><h1>${text}</h1>\n`);
}

/** Has the page's probe ask for another path. */
async function probe(directory: string, from: string, to: string): Promise<void> {
  const file = join(directory, "chart/templates/deployment.yaml");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(`httpGet: {path: ${from},`, `httpGet: {path: ${to},`));
}

const says = (state: string) => (body: string) => headline(body).startsWith(state);

describe("what people write under a pull request", () => {
  let hello: Stage;
  let owner: Person;
  let visitor: Person;
  let pr: PullRequestRef;
  let url: string;
  let first: string;

  beforeAll(async () => {
    hello = await stage(await runningLab(), "hello");
    ({ owner } = hello);
    visitor = person(hello.lab.github, "visitor");
    pr = await hello.propose("one", "First page", async (directory) => {
      await configured(directory);
      await page(directory, "First page");
    });
    first = pr.head;
    url = urlIn(await waitForComment(owner, pr, "ready", readyAt(first)));
  });
  afterAll(async () => {
    await hello.clone.dispose();
  });

  /** Somebody writes; resolves with what is shown under it once that was obeyed, and with our answer if there is one. */
  async function say(who: Person, where: PullRequestRef, body: string) {
    const repository = { owner: where.owner, repo: where.repo };
    const { data: comment } = await who.octokit.issues.createComment({
      ...repository,
      issue_number: where.number,
      body,
    });
    const reactions = await waitFor(`an end of “${body}”`, 20, async () => {
      const { data } = await owner.octokit.reactions.listForIssueComment({ ...repository, comment_id: comment.id });
      const contents = data.map(({ content }) => content);
      return contents.includes("rocket") || contents.includes("confused") ? contents : undefined;
    });
    const { data: all } = await owner.octokit.issues.listComments({
      ...repository,
      issue_number: where.number,
      per_page: 100,
    });
    const answer = all.find((each) => each.body?.startsWith(`<!-- greenroom:answer ${comment.id} -->`))?.body;
    return { reactions: reactions.filter((each) => each !== "eyes"), answer: answer ?? "" };
  }

  const done = { reactions: ["rocket"], answer: "" };
  const told = (what: string, matches: (body: string) => boolean, where = pr) =>
    waitForComment(owner, where, what, matches);

  async function replicas(): Promise<number[]> {
    const namespace = `preview-${new URL(url).hostname.split(".")[0]}`;
    const { items } = await kubectlJson(hello.lab, ["get", "deployments", "-n", namespace], deployments);
    return items.map(({ spec }) => spec.replicas);
  }

  test("questions are answered, mistakes explained, and nobody may do what is not theirs", async () => {
    const help = await say(owner, pr, "Which are there?\n\n/preview help");
    expect(help.reactions).toEqual(["rocket"]);
    expect(help.answer).toContain("/preview rollback");
    const status = await say(owner, pr, "/preview status\n/preview logs hello");
    expect(status.answer).toContain("**Ready**");
    expect(status.answer).toContain("`REPLICAS=1`");
    expect(status.answer).toContain("1 of 1");
    const mistake = await say(owner, pr, "/preview depoly");
    expect(mistake.reactions).toEqual(["confused"]);
    expect(mistake.answer).toContain("Did you mean `/preview deploy`?");
    const refusal = await say(visitor, pr, "/preview stop");
    expect(refusal.reactions).toEqual(["confused"]);
    expect(refusal.answer).toContain("visitor has read permission, and `/preview stop` needs triage.");
  });

  test("rebuild builds what was built before", async () => {
    const since = new Date();
    expect(await say(owner, pr, "/preview rebuild hello")).toEqual(done);
    await waitFor("a build", 60, async () => {
      return (await solvesSince(hello.lab, hello.clone.repositoryId, since)).length > 0 || undefined;
    });
    await told("ready, built anew", (body) => readyAt(first)(body) && body.includes("| `hello` | built |"));
  });

  test("set and unset change what the chart is given", async () => {
    expect(await say(owner, pr, "/preview set REPLICAS=2")).toEqual(done);
    await told("the value", (body) => readyAt(first)(body) && body.includes("Set by command: `REPLICAS=2`."));
    expect(await replicas()).toEqual([2]);
    expect(await say(owner, pr, "/preview unset REPLICAS")).toEqual(done);
    await told("no value", (body) => readyAt(first)(body) && !body.includes("Set by command"));
    expect(await replicas()).toEqual([1]);
    const wrong = await say(owner, pr, "/preview set REPLICA=2");
    expect(wrong.answer).toContain("Did you mean `REPLICAS`?");
  });

  test("rollback shows the commit before, and deploy the newest again", async () => {
    const second = await hello.clone.push("one", "Second page", (directory) => page(directory, "Second page"));
    await told("the second", readyAt(second));
    expect(await visit(url, "Second page")).toContain("Second page");
    expect(await say(owner, pr, "/preview rollback")).toEqual(done);
    await told("the first again", (body) => readyAt(first)(body) && body.includes("Somebody went back to revision"));
    expect(await visit(url, "First page")).toContain("First page");
    expect(await say(owner, pr, "/preview deploy")).toEqual(done);
    await told("the second again", readyAt(second));
    expect(await visit(url, "Second page")).toContain("Second page");
  });

  test("questions are answered while a deploy goes on, which they do not disturb", async () => {
    // Nothing answers there, so that the deploy lasts until the next push.
    const waits = await hello.clone.push("one", "A probe", (directory) => probe(directory, "/", "/healthz"));
    const isStarting = (body: string) => says("starting")(body) && headline(body).includes(waits.slice(0, 7));
    await told("starting", isStarting);
    const status = await say(owner, pr, "/preview status");
    expect(status.reactions).toEqual(["rocket"]);
    expect(status.answer).toContain("**Deploying**");
    expect(isStarting(await told("still starting", () => true))).toBe(true);
    const answers = await hello.clone.push("one", "The page", (directory) => probe(directory, "/healthz", "/"));
    await told("ready", readyAt(answers));
  });

  test("sleep, wake, extend, keep, stop and deploy", async () => {
    expect(await say(owner, pr, "/preview sleep")).toEqual(done);
    await told("asleep", says("asleep"));
    expect(await say(owner, pr, "/preview wake")).toEqual(done);
    await told("awake", says("ready"));
    expect(await say(owner, pr, "/preview extend 24h\n/preview keep")).toEqual(done);
    expect((await say(owner, pr, "/preview status")).answer).toContain("kept until the pull request is closed");
    expect(await say(owner, pr, "/preview stop")).toEqual(done);
    await told("stopped", says("stopped"));
    expect((await say(owner, pr, "/preview rebuild")).answer).toContain("Write `/preview deploy` first");
    expect(await say(owner, pr, "/preview deploy")).toEqual(done);
    await told("back", says("ready"));
    await hello.close(pr);
  });

  test("a fork's commit runs once somebody approves it, and the next one does not", async () => {
    await visitor.octokit.repos.createFork({ owner: hello.clone.owner, repo: hello.clone.repository });
    const fork: Clone = await cloneRepository(hello.lab.github, visitor, visitor.login, hello.clone.repository);
    try {
      await fork.push("mine", "From outside", (directory) => page(directory, "From outside"));
      const theirs = await openPullRequest(visitor, pr.owner, pr.repo, "visitor:mine", "From outside");
      await told("held", says("held"), theirs);
      const own = await say(visitor, theirs, "/preview approve");
      expect(own.reactions).toEqual(["confused"]);
      expect(await say(owner, theirs, `/preview approve ${theirs.head}`)).toEqual(done);
      const comment = await told("ready", readyAt(theirs.head), theirs);
      expect(await visit(urlIn(comment), "From outside")).toContain("From outside");
      const refused = await say(visitor, theirs, "/preview rebuild");
      expect(refused.answer).toContain("needs write");
      await fork.push("mine", "More from outside", (directory) => page(directory, "More from outside"));
      await told("held again", says("held"), theirs);
      await hello.close(theirs);
    } finally {
      await fork.dispose();
    }
  });
});
