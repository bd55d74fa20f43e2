import type { Octokit } from "@octokit/rest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shop, startWorld, type World } from "./world.ts";

let world: World;
let app: Octokit;
const started = Date.now();
const after = (minutes: number): Date => new Date(started + minutes * 60_000);
let now = after(0);
const repository = { owner: "maintainer", repo: "shop" };
const issue = { ...repository, issue_number: 1 };

beforeAll(async () => {
  world = await startWorld({ now: () => now });
  const clone = await shop(world);
  await clone.commit("blue", { "page.html": "blue\n" });
  await clone.git("push", "--quiet", "origin", "blue");
  await world.as("author").rest.pulls.create({ ...repository, title: "Blue", head: "blue", base: "main" });
  app = await world.installation();
});
afterAll(() => world.close());

describe("reactions", () => {
  test("the same one twice is one: 201, then 200", async () => {
    const { data } = await world.as("author").rest.issues.createComment({ ...issue, body: "/preview deploy" });
    const comment = { ...repository, comment_id: data.id };
    const first = await app.rest.reactions.createForIssueComment({ ...comment, content: "eyes" });
    const second = await app.rest.reactions.createForIssueComment({ ...comment, content: "eyes" });
    expect([first.status, second.status, second.data.id]).toEqual([201, 200, first.data.id]);
    await app.rest.reactions.createForIssueComment({ ...comment, content: "rocket" });
    const eyes = await app.rest.reactions.listForIssueComment({ ...comment, content: "eyes" });
    expect(eyes.data).toMatchObject([{ content: "eyes", user: { login: "greenroom[bot]", type: "Bot" } }]);
    const which = { ...comment, reaction_id: first.data.id };
    const theirs = world.as("author").rest.reactions.deleteForIssueComment(which);
    await expect(theirs).rejects.toMatchObject({ status: 403 });
    await app.rest.reactions.deleteForIssueComment(which);
    await expect(app.rest.reactions.deleteForIssueComment(which)).rejects.toMatchObject({ status: 404 });
    expect((await app.rest.reactions.listForIssueComment(comment)).data).toHaveLength(1);
    const unknown = app.request("POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", {
      ...comment,
      // @ts-expect-error GitHub has no such reaction.
      content: "shrug",
    });
    await expect(unknown).rejects.toMatchObject({ status: 422 });
  });

  test("on the pull request itself can be taken back, too", async () => {
    const { data } = await app.rest.reactions.createForIssue({ ...issue, content: "heart" });
    await app.rest.reactions.deleteForIssue({ ...issue, reaction_id: data.id });
    expect((await app.rest.reactions.listForIssue(issue)).data).toEqual([]);
  });
});

describe("comments", () => {
  test("tell what they were and who changed them", async () => {
    const author = world.as("author").rest.issues;
    const { data } = await author.createComment({ ...issue, body: "/preview stop" });
    const comment = { ...repository, comment_id: data.id };
    await author.updateComment({ ...comment, body: "/preview sleep" });
    const edited = await world.receiver.next("issue_comment", "edited");
    expect(edited.payload).toMatchObject({
      changes: { body: { from: "/preview stop" } },
      comment: { id: data.id, body: "/preview sleep" },
      issue: { number: 1, pull_request: expect.any(Object) },
      sender: { login: "author" },
    });
    await author.deleteComment(comment);
    const deleted = await world.receiver.next("issue_comment", "deleted");
    expect(deleted.payload).toMatchObject({
      comment: { id: data.id, body: "/preview sleep" },
      sender: { login: "author" },
    });
  });

  test("are listed in pages, and since a time by when they were last changed", async () => {
    const author = world.as("author").rest.issues;
    const { data: old } = await author.createComment({ ...issue, body: "old" });
    now = after(2);
    const { data: recent } = await author.createComment({ ...issue, body: "recent" });
    const since = after(1).toISOString();
    const listed = async () => (await app.rest.issues.listComments({ ...issue, since })).data.map(({ id }) => id);
    expect(await listed()).toEqual([recent.id]);
    await author.updateComment({ ...repository, comment_id: old.id, body: "old, and new again" });
    expect(await listed()).toEqual([old.id, recent.id]);
    const first = await app.rest.issues.listComments({ ...issue, per_page: 1 });
    expect(first.headers.link).toMatch(/rel="next".*rel="last"/);
    const all = await app.paginate(app.rest.issues.listComments, { ...issue, per_page: 1 });
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });
});

test("labels are set, cleared and deleted, and whoever carried them is told", async () => {
  const author = world.as("author").rest.issues;
  await author.addLabels({ ...issue, labels: ["one", "two"] });
  const { data } = await author.setLabels({ ...issue, labels: ["Two", "three"] });
  expect(data.map(({ name }) => name)).toEqual(["two", "three"]);
  await author.deleteLabel({ ...repository, name: "two" });
  expect((await author.listLabelsOnIssue(issue)).data.map(({ name }) => name)).toEqual(["three"]);
  await author.removeAllLabels(issue);
  expect((await author.listLabelsOnIssue(issue)).data).toEqual([]);
  await world.hub.settled();
  const unlabeled = world.receiver.received.filter(({ payload }) => payload.action === "unlabeled");
  expect(unlabeled.map(({ payload }) => payload.label.name).toSorted()).toEqual(["one", "three", "two"]);
});
