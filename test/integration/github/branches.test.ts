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

/** Opens a pull request from a new branch with one changed file, and returns its number. */
async function open(
  branch: string,
  files: Record<string, string>,
  more: Record<string, unknown> = {},
): Promise<number> {
  await clone.git("fetch", "--quiet", "origin");
  await clone.git("checkout", "--quiet", "--detach", "origin/main");
  await clone.commit(branch, files);
  await clone.git("push", "--quiet", "origin", branch);
  const { data } = await world
    .as("author")
    .rest.pulls.create({ ...repository, title: branch, head: branch, base: "main", ...more });
  return data.number;
}

async function pull(pull_number: number) {
  return (await world.as("author").rest.pulls.get({ ...repository, pull_number })).data;
}

describe("what git does to pull requests", () => {
  test("two that touch the same line conflict once one is merged", async () => {
    const one = await open("one", { "README.md": "# One\n" });
    const other = await open("other", { "README.md": "# Other\n" });
    expect(await pull(other)).toMatchObject({ mergeable: true, mergeable_state: "clean" });
    const merge = `refs/pull/${other}/merge`;
    expect(await clone.git("ls-remote", "origin", merge)).toContain((await pull(other)).merge_commit_sha);
    await world.as("author").rest.pulls.merge({ ...repository, pull_number: one });
    expect(await pull(other)).toMatchObject({ mergeable: false, mergeable_state: "dirty" });
    const refused = world.as("author").rest.pulls.merge({ ...repository, pull_number: other });
    await expect(refused).rejects.toMatchObject({ status: 405 });
  });

  test("a forced push is a synchronize, and a deleted branch closes", async () => {
    const number = await open("forced", { "a.txt": "a\n" });
    const before = (await pull(number)).head.sha;
    await clone.git("commit", "--quiet", "--amend", "-m", "Amended");
    await clone.git("push", "--quiet", "--force", "origin", "forced");
    const after = (await pull(number)).head.sha;
    expect(after).not.toBe(before);
    await clone.git("push", "--quiet", "--delete", "origin", "forced");
    expect(await pull(number)).toMatchObject({ state: "closed", merged: false });
    const reopen = world.as("author").rest.pulls.update({ ...repository, pull_number: number, state: "open" });
    await expect(reopen).rejects.toMatchObject({ status: 422 });
    await world.hub.settled();
    const events = world.receiver.received.filter(
      ({ event, payload }) => event === "pull_request" && payload.number === number,
    );
    expect(events.map(({ payload }) => payload.action)).toEqual(["opened", "synchronize", "closed"]);
  });

  test("commits that reach the base branch by a push are merged", async () => {
    const number = await open("direct", { "b.txt": "b\n" });
    await clone.git("push", "--quiet", "origin", "direct:main");
    expect(await pull(number)).toMatchObject({ state: "closed", merged: true, merged_by: { login: "author" } });
  });

  test("a squash makes one commit, a stale sha none", async () => {
    const number = await open("squashed", { "c.txt": "c\n" });
    const author = world.as("author");
    const stale = author.rest.pulls.merge({ ...repository, pull_number: number, sha: "0".repeat(40) });
    await expect(stale).rejects.toMatchObject({ status: 409 });
    const { data } = await author.rest.pulls.merge({ ...repository, pull_number: number, merge_method: "squash" });
    await clone.git("fetch", "--quiet", "origin");
    expect((await clone.git("rev-list", "--parents", "-1", data.sha)).split(" ")).toHaveLength(2);
  });

  test("the same branch cannot be asked in twice, nor an empty one, nor one that is not there", async () => {
    await open("twice", { "d.txt": "d\n" });
    const author = world.as("author");
    for (const head of ["twice", "main", "nowhere"]) {
      const again = author.rest.pulls.create({ ...repository, title: "Again", head, base: "main" });
      await expect(again).rejects.toMatchObject({ status: 422 });
    }
  });

  test("a draft is opened as one; its title and base can be changed", async () => {
    const number = await open("draft", { "e.txt": "e\n" }, { draft: true });
    expect(await pull(number)).toMatchObject({ draft: true, mergeable_state: "draft" });
    await clone.git("push", "--quiet", "origin", "origin/main:refs/heads/release");
    const author = world.as("author");
    await author.rest.pulls.update({ ...repository, pull_number: number, title: "Renamed", base: "release" });
    expect(await pull(number)).toMatchObject({ title: "Renamed", base: { ref: "release" } });
    await world.receiver.next("pull_request", "edited");
  });

  test("every other event can be subscribed to, and fits what GitHub publishes", async () => {
    const { app } = world.hub.github.store.directory;
    app.events = [...app.events, "push", "deployment", "deployment_status", "issues"];
    const number = await open("events", { "f.txt": "f\n" });
    const installation = await world.installation();
    const { data } = await installation.rest.repos.createDeployment({
      ...repository,
      ref: "events",
      auto_merge: false,
      required_contexts: [],
      environment: "preview",
    });
    if (!("id" in data)) throw new Error("no deployment");
    await installation.rest.repos.createDeploymentStatus({ ...repository, deployment_id: data.id, state: "success" });
    const author = world.as("author");
    const { data: issue } = await author.rest.issues.create({ ...repository, title: "A plain issue" });
    expect(issue.number).toBe(number + 1);
    await author.rest.issues.createComment({ ...repository, issue_number: issue.number, body: "/preview help" });
    await world.hub.settled();
    const events = new Set(world.receiver.received.map(({ event }) => event));
    for (const event of ["push", "deployment", "deployment_status", "issues", "issue_comment"]) {
      expect(events).toContain(event);
    }
  });
});
