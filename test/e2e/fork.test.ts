import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headline, openPullRequest, type PullRequestRef, waitForComment } from "../../infra/local/demo/conversation.ts";
import { leftoverLines, leftovers, solvesSince } from "../../infra/local/demo/leftovers.ts";
import { cloneRepository, person } from "../../infra/local/demo/person.ts";
import { askPreview } from "../../infra/local/demo/preview-page.ts";
import { runningLab, type Stage, stage } from "./stage.ts";

describe("a pull request from a fork", () => {
  let hello: Stage;
  let pr: PullRequestRef;

  beforeAll(async () => {
    hello = await stage(await runningLab(), "hello");
  });
  afterAll(async () => {
    await hello.clone.dispose();
  });

  test("is held with an explanation, and nothing of it is built or read", async () => {
    const since = new Date();
    const { github } = hello.lab;
    const visitor = person(github, "visitor");
    await visitor.octokit.repos.createFork({ owner: hello.clone.owner, repo: hello.clone.repository });
    const fork = await cloneRepository(github, visitor, visitor.login, hello.clone.repository);
    try {
      await fork.push("mine", "A greeting from outside", (directory) =>
        // Even the configuration of a fork is not looked at: this one would be an error.
        writeFile(join(directory, "greenroom.yaml"), "nonsense: true\n"),
      );
    } finally {
      await fork.dispose();
    }
    pr = await openPullRequest(visitor, hello.clone.owner, hello.clone.repository, "visitor:mine", "From outside");
    const comment = await waitForComment(hello.owner, pr, "held", (body) => headline(body).startsWith("held"));
    expect(comment).toContain("fork");
    expect(comment).toContain("write permission");
    expect(await solvesSince(hello.lab, hello.clone.repositoryId, since)).toEqual([]);
    const found = await leftovers(hello.lab, hello.owner, pr, `${pr.number}-${hello.clone.repository}`);
    expect(leftoverLines({ ...found, records: [] })).toEqual([]);
  });

  test("its check asks for action, and its address says that it is held", async () => {
    const { data } = await hello.owner.octokit.checks.listForRef({ owner: pr.owner, repo: pr.repo, ref: pr.head });
    expect(data.check_runs.map((check) => check.conclusion)).toEqual(["action_required"]);
    const { greenroom } = hello.lab;
    const port = new URL(greenroom.url).port;
    const page = await askPreview(`http://${pr.number}-${pr.repo}.${greenroom.baseDomain}:${port}`);
    expect(page.status).toBe(503);
    expect(page.body.toLowerCase()).toContain("held");
  });

  test("closing it removes the record too", async () => {
    await hello.close(pr);
    const found = await leftovers(hello.lab, hello.owner, pr, `${pr.number}-${hello.clone.repository}`);
    expect(leftoverLines(found)).toEqual([]);
  });
});
