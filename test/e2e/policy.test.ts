import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  headline,
  openPullRequest,
  type PullRequestRef,
  readyAt,
  urlIn,
  waitForComment,
} from "../../infra/local/demo/conversation.ts";
import { leftoverLines, leftovers } from "../../infra/local/demo/leftovers.ts";
import { cloneRepository, person } from "../../infra/local/demo/person.ts";
import { waitFor } from "../../infra/local/demo/wait-for.ts";
import { runningLab, type Stage, stage, visit } from "./stage.ts";

const notMade = (body: string) => headline(body).startsWith("not made");

/** Writes a page of its own into a work tree. */
function greet(text: string): (directory: string) => Promise<void> {
  return (directory) => writeFile(join(directory, "index.html"), `<h1>${text}</h1>\n`);
}

function issue({ owner, repo, number }: PullRequestRef) {
  return { owner, repo, issue_number: number };
}

describe("which pull requests get a preview", () => {
  let hello: Stage;

  beforeAll(async () => {
    hello = await stage(await runningLab(), "hello");
  });
  afterAll(async () => {
    await hello.clone.dispose();
  });

  /** Adds `previews` to the greenroom.yaml of main. */
  const decree = async (previews: string) => {
    await hello.clone.push("main", "Say which pull requests get a preview", async (directory) => {
      const file = join(directory, "greenroom.yaml");
      const text = (await readFile(file, "utf8")).replace(/^previews: .*\n/m, "");
      await writeFile(file, `${text}previews: ${previews}\n`);
    });
  };
  const comments = async (pr: PullRequestRef) => (await hello.owner.octokit.issues.listComments(issue(pr))).data;

  test("by label: it is told how, comes with the label and goes with it", async () => {
    await decree("{trigger: label}");
    const pr = await hello.propose("by-label", "By label", greet("by label"));
    const comment = await waitForComment(hello.owner, pr, "not made", notMade);
    expect(comment).toContain("add the label `preview`, or write `/preview deploy`");
    // Comment and check are written at the same time, so one may be there a moment before the other.
    await waitFor("the neutral check", 10, async () => {
      const { data } = await hello.owner.octokit.checks.listForRef({ owner: pr.owner, repo: pr.repo, ref: pr.head });
      return data.check_runs[0]?.conclusion === "neutral" ? true : undefined;
    });

    await hello.owner.octokit.issues.addLabels({ ...issue(pr), labels: ["preview"] });
    const ready = await waitForComment(hello.owner, pr, "ready", readyAt(pr.head));
    await visit(urlIn(ready), "by label");

    await hello.owner.octokit.issues.removeLabel({ ...issue(pr), name: "preview" });
    await waitForComment(hello.owner, pr, "not made", notMade);
    const found = await leftovers(hello.lab, hello.owner, pr, `${pr.number}-${hello.clone.repository}`);
    expect(leftoverLines({ ...found, records: [] })).toEqual([]);
    await hello.close(pr);
  });

  test("in silence: not a word, until somebody asks", async () => {
    await decree("{trigger: label, comment: silent}");
    const pr = await hello.propose("in-silence", "In silence", greet("asked for"));
    // Another one that is ready shows that this one's turn has been.
    const other = await hello.propose("labelled", "Labelled", greet("labelled"));
    await hello.owner.octokit.issues.addLabels({ ...issue(other), labels: ["preview"] });
    await waitForComment(hello.owner, other, "ready", readyAt(other.head));
    expect(await comments(pr)).toEqual([]);
    await hello.owner.octokit.issues.createComment({ ...issue(pr), body: "/preview deploy" });
    const ready = await waitForComment(hello.owner, pr, "ready", readyAt(pr.head));
    await visit(urlIn(ready), "asked for");
    await Promise.all([hello.close(pr), hello.close(other)]);
  });

  test("of a fork: by the base branch's configuration, once approved", async () => {
    await decree("{trigger: always}");
    const visitor = person(hello.lab.github, "visitor");
    await visitor.octokit.repos.createFork({ owner: hello.clone.owner, repo: hello.clone.repository });
    const fork = await cloneRepository(hello.lab.github, visitor, visitor.login, hello.clone.repository);
    try {
      await fork.push("mine", "A greeting of my own", async (directory) => {
        await greet("from outside")(directory);
        await writeFile(join(directory, "greenroom.yaml"), "nonsense: true\n");
      });
    } finally {
      await fork.dispose();
    }
    const { owner, repository } = hello.clone;
    const pr = await openPullRequest(visitor, owner, repository, "visitor:mine", "From outside");
    await waitForComment(hello.owner, pr, "held", (body) => headline(body).startsWith("held"));
    const { data } = await hello.owner.octokit.issues.createComment({
      ...issue(pr),
      body: `/preview approve ${pr.head}`,
    });
    await waitFor("the rocket", 30, async () => {
      const found = await hello.owner.octokit.reactions.listForIssueComment({
        owner: pr.owner,
        repo: pr.repo,
        comment_id: data.id,
      });
      return found.data.some(({ content }) => content === "rocket") ? true : undefined;
    });
    const ready = await waitForComment(hello.owner, pr, "ready", readyAt(pr.head));
    expect(await visit(urlIn(ready), "from outside")).not.toContain("Hello");
    await hello.close(pr);
  });
});
