import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { previewStatus } from "../../src/preview/preview.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PullRequestRef, readyAt, urlIn, waitForComment } from "../../infra/local/demo/conversation.ts";
import { kubectlJson, leftoverLines, leftovers, solvesSince } from "../../infra/local/demo/leftovers.ts";
import { askPreview } from "../../infra/local/demo/preview-page.ts";
import { waitFor } from "../../infra/local/demo/wait-for.ts";
import { runningLab, type Stage, stage, visit } from "./stage.ts";

/** Writes the page that hello serves. */
async function page(directory: string, text: string): Promise<void> {
  await writeFile(join(directory, "index.html"), `<!doctype html><title>hello</title><h1>${text}</h1>\n`);
}

const previews = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z.object({ pullRequest: z.number() }),
      status: previewStatus,
    }),
  ),
});
type Record = z.infer<typeof previews>["items"][number];

describe("a pull request's life", () => {
  let hello: Stage;
  let first: PullRequestRef;
  let second: PullRequestRef;
  let url: string;

  beforeAll(async () => {
    hello = await stage(await runningLab(), "hello");
  });
  afterAll(async () => {
    await hello.clone.dispose();
  });

  async function record(pr: PullRequestRef): Promise<Record> {
    const list = await kubectlJson(hello.lab, ["get", "previews", "-A"], previews);
    const name = new URL(url).hostname.split(".")[0];
    const found = list.items.find((item) => item.metadata.name === name && item.spec.pullRequest === pr.number);
    if (found === undefined) throw new Error(`no record ${name}`);
    return found;
  }

  test("opening it brings a comment with a URL that answers with its content", async () => {
    first = await hello.propose("one", "First greeting", (directory) => page(directory, "First greeting"));
    const comment = await waitForComment(hello.owner, first, "ready", readyAt(first.head));
    url = urlIn(comment);
    expect(new URL(url).hostname.endsWith(`.${hello.lab.greenroom.baseDomain}`)).toBe(true);
    expect(await visit(url, "First greeting")).toContain("First greeting");
  });

  test("kubectl get previews shows the record", async () => {
    const { status } = await record(first);
    expect(status.phase).toBe("Ready");
    expect(status.deployedCommit).toBe(first.head);
    expect(status.urls?.[0]?.url).toBe(url);
  });

  test("a check run and a deployment say the same", async () => {
    const where = { owner: first.owner, repo: first.repo };
    const checks = await hello.owner.octokit.checks.listForRef({ ...where, ref: first.head });
    expect(checks.data.check_runs.map((check) => [check.status, check.conclusion])).toEqual([["completed", "success"]]);
    const deployments = await hello.owner.octokit.repos.listDeployments({ ...where, sha: first.head });
    expect(deployments.data).toHaveLength(1);
    const statuses = await hello.owner.octokit.repos.listDeploymentStatuses({
      ...where,
      deployment_id: deployments.data[0]?.id ?? 0,
    });
    expect(statuses.data[0]).toMatchObject({ state: "success", environment_url: url });
  });

  test("a second pull request serves its own content beside it", async () => {
    second = await hello.propose("two", "Second greeting", (directory) => page(directory, "Second greeting"));
    const comment = await waitForComment(hello.owner, second, "ready", readyAt(second.head));
    expect(await visit(urlIn(comment), "Second greeting")).toContain("Second greeting");
    expect(await visit(url, "First greeting")).toContain("First greeting");
  });

  test("a push is followed", async () => {
    const commit = await hello.clone.push("one", "Better greeting", (directory) => page(directory, "Better greeting"));
    await waitForComment(hello.owner, first, "ready at the push", readyAt(commit));
    expect(await visit(url, "Better greeting")).toContain("Better greeting");
  });

  test("a push that changes no image builds nothing: BuildKit's history shows no solve", async () => {
    const since = new Date();
    const commit = await hello.clone.push("one", "A word in the README", async (directory) => {
      const file = join(directory, "README.md");
      const text = await readFile(file, "utf8").catch(() => "");
      await writeFile(file, `${text}\nOne more word.\n`);
    });
    const comment = await waitForComment(hello.owner, first, "ready at the push", readyAt(commit));
    expect(comment).toContain("reused");
    expect(await solvesSince(hello.lab, hello.clone.repositoryId, since)).toEqual([]);
  });

  test("content that another pull request has built is not built again", async () => {
    const since = new Date();
    const commit = await hello.clone.push("two", "The other's greeting", (directory) =>
      page(directory, "Better greeting"),
    );
    await waitForComment(hello.owner, second, "ready at the push", readyAt(commit));
    expect(await solvesSince(hello.lab, hello.clone.repositoryId, since)).toEqual([]);
  });

  test("closing it takes everything away, and the comment says so", async () => {
    const recordName = new URL(url).hostname.split(".")[0] ?? "";
    await hello.close(first);
    await waitFor("the record's end", 20, async () => {
      const lines = leftoverLines(await leftovers(hello.lab, hello.owner, first, recordName));
      if (lines.length > 0) throw new Error(lines.join("; "));
      return true;
    });
    const gone = await askPreview(url);
    expect(gone.status).toBe(404);
  });

  test("reopening it brings it back", async () => {
    await hello.owner.octokit.pulls.update({
      owner: first.owner,
      repo: first.repo,
      pull_number: first.number,
      state: "open",
    });
    await waitForComment(hello.owner, first, "ready again", (body) => /· ready ·/.test(body));
    expect(await visit(url, "Better greeting")).toContain("Better greeting");
    await Promise.all([hello.close(first), hello.close(second)]);
  });
});
