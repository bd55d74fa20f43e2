import { verify } from "@octokit/webhooks-methods";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clone, shop, startWorld, type World } from "./world.ts";

let world: World;
let clone: Clone;
const repository = { owner: "maintainer", repo: "shop" };

beforeAll(async () => {
  world = await startWorld();
  clone = await shop(world);
});

afterAll(() => world.close());

describe("a pull request's life", () => {
  test("is opened from a pushed branch, with size, files, commits and mergeability from git", async () => {
    const head = await clone.commit("blue", { "page.html": "blue\nsky\n" }, "Paint it blue");
    await clone.git("push", "--quiet", "origin", "blue");
    const author = world.as("author");
    const { data: opened } = await author.rest.pulls.create({
      ...repository,
      title: "Blue",
      body: "All of it.",
      head: "blue",
      base: "main",
    });
    expect(opened).toMatchObject({
      number: 1,
      state: "open",
      additions: 2,
      deletions: 0,
      changed_files: 1,
      commits: 1,
    });
    expect(opened).toMatchObject({ mergeable: true, head: { sha: head, ref: "blue" }, user: { login: "author" } });
    const { data: files } = await author.rest.pulls.listFiles({ ...repository, pull_number: 1 });
    expect(files).toMatchObject([{ filename: "page.html", status: "added", patch: "@@ -0,0 +1,2 @@\n+blue\n+sky" }]);
    const { data: commits } = await author.rest.pulls.listCommits({ ...repository, pull_number: 1 });
    expect(commits).toMatchObject([{ sha: head, commit: { message: "Paint it blue" }, author: { login: "author" } }]);
  });

  test("is announced to the app by a signed webhook", async () => {
    const { headers, body, payload } = await world.receiver.next("pull_request", "opened");
    expect(await verify(world.hub.webhookSecret, body, String(headers["x-hub-signature-256"]))).toBe(true);
    expect(headers).toMatchObject({ "content-type": "application/json", "x-github-event": "pull_request" });
    expect(headers["user-agent"]).toMatch(/^GitHub-Hookshot\//);
    expect(headers["x-github-delivery"]).toMatch(/^[0-9a-f-]{36}$/);
    const { data: installation } = await world.app.rest.apps.getRepoInstallation(repository);
    expect(payload.installation.id).toBe(installation.id);
  });

  test("follows its branch, and says what it was before", async () => {
    const before = await clone.git("rev-parse", "blue");
    const after = await clone.commit("blue", { "page.html": "dark blue\n" });
    await clone.git("push", "--quiet", "origin", "blue");
    const { payload } = await world.receiver.next("pull_request", "synchronize");
    expect(payload).toMatchObject({ before, after, pull_request: { head: { sha: after } } });
    expect(await clone.git("ls-remote", "origin", "refs/pull/1/head")).toBe(`${after}\trefs/pull/1/head`);
  });

  test("is closed, reopened and merged", async () => {
    const maintainer = world.as("maintainer");
    await maintainer.rest.pulls.update({ ...repository, pull_number: 1, state: "closed" });
    const closed = await world.receiver.next("pull_request", "closed");
    expect(closed.payload.pull_request).toMatchObject({ state: "closed", merged: false });
    await maintainer.rest.pulls.update({ ...repository, pull_number: 1, state: "open" });
    await world.receiver.next("pull_request", "reopened");
    const { data: merge } = await maintainer.rest.pulls.merge({ ...repository, pull_number: 1 });
    await clone.git("fetch", "--quiet", "origin");
    expect(await clone.git("rev-parse", "origin/main")).toBe(merge.sha);
    const { data: merged } = await maintainer.rest.pulls.get({ ...repository, pull_number: 1 });
    expect(merged).toMatchObject({ merged: true, merged_by: { login: "maintainer" }, merge_commit_sha: merge.sha });
  });
});
