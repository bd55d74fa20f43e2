import { afterEach, beforeEach, expect, test } from "vitest";
import type { World } from "../integration/github/world.ts";
import { withPage } from "../support/browser.ts";
import { startPages, submit } from "./pages-world.ts";

/** A browser on a busy machine takes its time. */
const patience = 180_000;

let world: World;
beforeEach(async () => {
  world = await startPages();
  await submit(world, "/-/repositories", { sample: "hello" });
  await submit(world, "/-/repository/author/hello/open");
});
afterEach(() => world.close());

const pull = { owner: "author", repo: "hello", issue_number: 1 };
const address = "/author/hello/pull/1";

test(
  "whoever wrote a comment edits and deletes it on the page; others see no such buttons",
  async () => {
    await world.as("visitor").rest.issues.createComment({ ...pull, body: "by a visitor" });
    await world.as("author").rest.issues.createComment({ ...pull, body: "/preview stop" });
    await withPage(`${world.hub.url}${address}`, async (page) => {
      await page.waitForSelector("html[data-live=on]");
      expect(await page.getByTestId("comment-tools").count()).toBe(1);
      await page.getByTestId("comment-tools").locator("summary").click();
      const field = page.getByTestId("edit-form").locator("textarea");
      expect(await field.inputValue()).toBe("/preview stop");
      await field.fill("/preview sleep");
      // What somebody else says meanwhile does not take away what was typed.
      await world.as("visitor").rest.issues.createComment({ ...pull, body: "meanwhile" });
      await page.locator('[data-testid="comment"]', { hasText: "meanwhile" }).waitFor();
      expect(await field.inputValue()).toBe("/preview sleep");
      await page.getByTestId("edit-comment").click();
      await page.getByTestId("body").filter({ hasText: "/preview sleep" }).waitFor();
      const edited = await world.receiver.next("issue_comment", "edited");
      expect(edited.payload).toMatchObject({ sender: { login: "author" }, comment: { body: "/preview sleep" } });
      await page.getByTestId("comment-tools").locator("summary").click();
      await page.getByTestId("delete-comment").click();
      await page.getByTestId("body").filter({ hasText: "/preview sleep" }).waitFor({ state: "detached" });
      await world.receiver.next("issue_comment", "deleted");
      expect(await page.getByTestId("comment-tools").count()).toBe(0);
    });
  },
  patience,
);

test("another's comment is not a reader's to change, however the form is sent", async () => {
  const { data } = await world.as("author").rest.issues.createComment({ ...pull, body: "mine" });
  const headers = { origin: world.hub.url, cookie: "acting-as=visitor" };
  const comment = String(data.id);
  const edit = await submit(world, "/-/pull/author/hello/1/edit-comment", { comment, body: "theirs" }, headers);
  const remove = await submit(world, "/-/pull/author/hello/1/delete-comment", { comment }, headers);
  const none = await submit(world, "/-/pull/author/hello/1/delete-comment", { comment: "1" });
  expect([edit.status, remove.status, none.status]).toEqual([403, 403, 404]);
});

test(
  "the buttons of a check are there once it is completed; its annotations and Re-run, too",
  async () => {
    const repository = { owner: "author", repo: "hello" };
    const { data: found } = await world.app.rest.apps.getUserInstallation({ username: "author" });
    const app = await world.installation(found.id);
    const { data: opened } = await app.rest.pulls.get({ ...repository, pull_number: 1 });
    const { data: run } = await app.rest.checks.create({
      ...repository,
      name: "Preview",
      head_sha: opened.head.sha,
      status: "in_progress",
      external_id: "1/1",
      actions: [{ label: "Approve", description: "Build this commit", identifier: "approve" }],
    });
    await withPage(`${world.hub.url}${address}`, async (page) => {
      await page.locator('[data-testid="check"][data-state="in_progress"]').waitFor();
      expect(await page.getByTestId("check-action").count()).toBe(0);
      expect(await page.getByTestId("check-rerun").count()).toBe(0);
      await app.rest.checks.update({
        ...repository,
        check_run_id: run.id,
        conclusion: "action_required",
        output: {
          title: "Waiting",
          summary: "Somebody has to approve",
          annotations: [
            { path: "greenroom.yaml", start_line: 3, end_line: 3, annotation_level: "warning", message: "Look here" },
          ],
        },
      });
      await page.locator('[data-testid="check"][data-state="action_required"]').waitFor();
      expect(await page.getByTestId("annotation").textContent()).toContain("greenroom.yaml:3");
      await page.getByTestId("check-action").click();
      expect((await world.receiver.next("check_run", "requested_action")).payload).toMatchObject({
        requested_action: { identifier: "approve" },
        sender: { login: "author" },
      });
      await page.getByTestId("check-rerun").click();
      expect((await world.receiver.next("check_run", "rerequested")).payload.sender.login).toBe("author");
    });
  },
  patience,
);
