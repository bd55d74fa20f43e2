import type { Octokit } from "@octokit/rest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clone, cloneOf, shop, startWorld, type World } from "./world.ts";

let world: World;
let clone: Clone;
let app: Octokit;
const repository = { owner: "maintainer", repo: "shop" };

beforeAll(async () => {
  world = await startWorld();
  clone = await shop(world);
  await clone.commit("blue", { "page.html": "blue\n" });
  await clone.git("push", "--quiet", "origin", "blue");
  await world.as("author").rest.pulls.create({ ...repository, title: "Blue", head: "blue", base: "main" });
  app = await world.installation();
});

afterAll(() => world.close());

describe("comments", () => {
  test("are written, edited, reacted to, listed and deleted, and each is announced", async () => {
    const issue = { ...repository, issue_number: 1 };
    const { data: comment } = await app.rest.issues.createComment({ ...issue, body: "**Preview** · waiting" });
    expect(comment).toMatchObject({ user: { login: "greenroom[bot]", type: "Bot" }, body: "**Preview** · waiting" });
    const one = { ...repository, comment_id: comment.id };
    await app.rest.issues.updateComment({ ...one, body: "**Preview** · ready" });
    const { data: reaction } = await world
      .as("author")
      .rest.reactions.createForIssueComment({ ...one, content: "rocket" });
    expect(reaction).toMatchObject({ content: "rocket", user: { login: "author" } });
    const { data: list } = await app.rest.issues.listComments(issue);
    expect(list).toMatchObject([{ id: comment.id, body: "**Preview** · ready", reactions: { rocket: 1 } }]);
    await app.rest.issues.deleteComment(one);
    await expect(app.rest.issues.getComment(one)).rejects.toMatchObject({ status: 404 });
    for (const action of ["created", "edited", "deleted"]) await world.receiver.next("issue_comment", action);
  });

  test("of others are not the app's to change; empty and endless ones are refused", async () => {
    const issue = { ...repository, issue_number: 1 };
    const author = world.as("author");
    const { data: comment } = await author.rest.issues.createComment({ ...issue, body: "/preview help" });
    const change = app.rest.issues.updateComment({ ...repository, comment_id: comment.id, body: "mine" });
    await expect(change).rejects.toMatchObject({ status: 403 });
    await expect(author.rest.issues.createComment({ ...issue, body: "" })).rejects.toMatchObject({ status: 422 });
    const endless = "x".repeat(65_537);
    await expect(author.rest.issues.createComment({ ...issue, body: endless })).rejects.toMatchObject({ status: 422 });
  });
});

describe("labels and drafts", () => {
  test("labels come and go, from who may", async () => {
    const issue = { ...repository, issue_number: 1 };
    const visitor = world.as("visitor").rest.issues.addLabels({ ...issue, labels: ["preview"] });
    await expect(visitor).rejects.toMatchObject({ status: 403 });
    await world.as("author").rest.issues.addLabels({ ...issue, labels: ["preview"] });
    const { payload } = await world.receiver.next("pull_request", "labeled");
    expect(payload.label.name).toBe("preview");
    await world.as("author").rest.issues.removeLabel({ ...issue, name: "preview" });
    await world.receiver.next("pull_request", "unlabeled");
  });

  test("a pull request becomes a draft and is made ready", async () => {
    const { data: pull } = await app.rest.pulls.get({ ...repository, pull_number: 1 });
    const author = world.as("author");
    const mutate = (mutation: string) =>
      author.graphql(`mutation($id: ID!) { ${mutation}(input: {pullRequestId: $id}) { pullRequest { isDraft } } }`, {
        id: pull.node_id,
      });
    expect(await mutate("convertPullRequestToDraft")).toMatchObject({
      convertPullRequestToDraft: { pullRequest: { isDraft: true } },
    });
    expect((await world.receiver.next("pull_request", "converted_to_draft")).payload.pull_request.draft).toBe(true);
    await mutate("markPullRequestReadyForReview");
    await world.receiver.next("pull_request", "ready_for_review");
  });
});

describe("permissions", () => {
  test.each([
    ["maintainer", "admin", "admin"],
    ["author", "write", "write"],
    ["visitor", "read", "read"],
  ])("%s has %s", async (username, permission, role_name) => {
    const { data } = await app.rest.repos.getCollaboratorPermissionLevel({ ...repository, username });
    expect(data).toMatchObject({ permission, role_name, user: { login: username } });
  });

  test("can be changed, and triage and maintain have their older names beside them", async () => {
    const maintainer = world.as("maintainer");
    const visitor = { ...repository, username: "visitor" };
    for (const [permission, older] of [
      ["triage", "read"],
      ["maintain", "write"],
    ] as const) {
      await maintainer.rest.repos.addCollaborator({ ...visitor, permission });
      const { data } = await app.rest.repos.getCollaboratorPermissionLevel(visitor);
      expect(data).toMatchObject({ permission: older, role_name: permission });
    }
    await maintainer.rest.repos.removeCollaborator(visitor);
    await expect(
      world.as("author").rest.repos.addCollaborator({ ...visitor, permission: "push" }),
    ).rejects.toMatchObject({ status: 403 });
  });
});

describe("forks", () => {
  test("a visitor's pull request comes from a fork, and its commits are in the base repository", async () => {
    const visitor = world.as("visitor");
    await visitor.rest.repos.createFork(repository);
    const fork = await cloneOf(world, "visitor/shop", "visitor");
    const sha = await fork.commit("theirs", { "theirs.html": "hello\n" });
    await fork.git("push", "--quiet", "origin", "theirs");
    const { data: pull } = await visitor.rest.pulls.create({
      ...repository,
      title: "From outside",
      head: "visitor:theirs",
      base: "main",
    });
    expect(pull).toMatchObject({ head: { sha, label: "visitor:theirs", repo: { full_name: "visitor/shop" } } });
    expect(await clone.git("ls-remote", "origin", `refs/pull/${pull.number}/head`)).toContain(sha);
    const next = await fork.commit("theirs", { "theirs.html": "hello again\n" });
    await fork.git("push", "--quiet", "origin", "theirs");
    const { data: moved } = await app.rest.pulls.get({ ...repository, pull_number: pull.number });
    expect(moved.head.sha).toBe(next);
    const { data: check } = await app.rest.checks.create({ ...repository, name: "preview", head_sha: next });
    expect(check.pull_requests).toEqual([]);
  });
});
