import { afterEach, beforeEach, expect, test } from "vitest";
import type { World } from "../integration/github/world.ts";
import { withPage } from "../support/browser.ts";
import { fileOf, isMarked, mark, startPages } from "./pages-world.ts";

/** A browser on a busy machine takes its time. */
const patience = 180_000;

let world: World;
beforeEach(async () => {
  world = await startPages();
});
afterEach(() => world.close());

test(
  "the whole loop in a browser: a repository, a pull request, its thread as it grows, a push, the close",
  async () => {
    await withPage(`${world.hub.url}/`, async (page) => {
      await page.getByTestId("viewer").selectOption("maintainer");
      await page.getByText("It will belong to maintainer").waitFor();
      await page.getByTestId("create-hello").click();
      await page.waitForURL("**/maintainer/hello");
      expect(await page.getByTestId("branch").allTextContents()).toEqual([expect.stringContaining("main")]);
      await page.getByTestId("open-pull").click();
      await page.waitForURL("**/maintainer/hello/pull/1");
      await mark(page);
      expect(await page.getByTestId("state").textContent()).toContain("Open");
      expect(await page.getByTestId("title").textContent()).toBe("Greet differently #1");
      expect(await page.getByTestId("head").textContent()).toBe("sample-change-1");
      expect(await page.getByTestId("commit").count()).toBe(1);
      await page.locator('[data-event="pull_request"][data-action="opened"][data-status="202"]').waitFor();

      // What the app writes appears by itself, and what it edits changes in place.
      const app = await world.installation();
      const about = { owner: "maintainer", repo: "hello", issue_number: 1 };
      const { data: written } = await app.rest.issues.createComment({
        ...about,
        body: "<!-- marker -->\n**Preview** · building",
      });
      const comment = page.locator('[data-testid="comment"][data-author="greenroom[bot]"]');
      await comment.locator("strong", { hasText: "Preview" }).waitFor();
      expect(await comment.locator(".badge").allTextContents()).toContain("bot");
      expect(await comment.getByTestId("body").innerHTML()).not.toContain("marker");
      await app.rest.issues.updateComment({
        owner: about.owner,
        repo: about.repo,
        comment_id: written.id,
        body: "**Preview** · ready · <http://1-hello.preview.localhost:8080/>",
      });
      await comment.locator('a[href="http://1-hello.preview.localhost:8080/"]').waitFor();
      expect(await comment.count()).toBe(1);

      // A person answers, as somebody else than the one who looks.
      await page.fill("#comment-body", "/preview rebuild");
      await page.getByTestId("comment-as").selectOption("author");
      await page.getByTestId("comment-button").click();
      await page.locator('[data-testid="comment"][data-author="author"]', { hasText: "/preview rebuild" }).waitFor();
      const said = await world.receiver.next("issue_comment", "created");
      expect(said.payload.comment.body).toContain("Preview");
      const { data: comments } = await world.as("author").rest.issues.listComments(about);
      const asked = comments.find(({ body }) => body === "/preview rebuild");
      expect(asked?.user?.login).toBe("author");
      await world.as("maintainer").rest.reactions.createForIssueComment({
        owner: about.owner,
        repo: about.repo,
        comment_id: asked?.id ?? 0,
        content: "eyes",
      });
      await page.locator('[data-testid="reaction"][data-content="eyes"]').waitFor();

      // One button pushes, and the pull request has one commit more.
      await page.getByTestId("push").click();
      await page.getByTestId("commit").nth(1).waitFor();
      const pushed = await world.receiver.next("pull_request", "synchronize");
      expect(pushed.payload.before).not.toBe(pushed.payload.after);
      const pushedFile = { owner: about.owner, repo: about.repo, path: "index.html", ref: pushed.payload.after };
      expect(await fileOf(world, pushedFile)).toContain("Hello again, with another change.");

      await page.getByTestId("close").click();
      await page.getByTestId("state").filter({ hasText: "Closed" }).waitFor();
      expect((await world.receiver.next("pull_request", "closed")).payload.pull_request.merged).toBe(false);
      await page.getByTestId("reopen").click();
      await page.getByTestId("state").filter({ hasText: "Open" }).waitFor();
      await page.getByTestId("draft").click();
      await page.getByTestId("state").filter({ hasText: "Draft" }).waitFor();
      expect(await page.getByTestId("merge").count()).toBe(0);
      await page.getByTestId("ready").click();
      await page.getByTestId("merge").click();
      await page.getByTestId("state").filter({ hasText: "Merged" }).waitFor();
      expect(await page.getByTestId("end").textContent()).toContain("merged commit");
      // The page was never loaded again.
      expect(await isMarked(page)).toBe(true);
    });
  },
  patience,
);

test(
  "checks with their buttons, deployments, labels and deliveries, as they happen",
  async () => {
    await withPage(`${world.hub.url}/`, async (page) => {
      await page.getByTestId("viewer").selectOption("maintainer");
      await page.getByText("It will belong to maintainer").waitFor();
      await page.getByTestId("create-hello").click();
      await page.waitForURL("**/maintainer/hello");
      await page.getByTestId("open-pull").click();
      await page.waitForURL("**/pull/1");
      await mark(page);
      const app = await world.installation();
      const repository = { owner: "maintainer", repo: "hello" };
      const { data: pull } = await app.rest.pulls.get({ ...repository, pull_number: 1 });

      const { data: run } = await app.rest.checks.create({
        ...repository,
        name: "Preview",
        head_sha: pull.head.sha,
        status: "in_progress",
        details_url: "http://127.0.0.1:8080/logs",
        output: { title: "Building", summary: "Two images" },
      });
      const check = page.locator('[data-testid="check"][data-name="Preview"]');
      await page.locator('[data-testid="check"][data-state="in_progress"]').waitFor();
      expect(await check.getByTestId("check-title").textContent()).toBe("Building");
      expect(await check.getByTestId("check-link").getAttribute("href")).toBe("http://127.0.0.1:8080/logs");
      await app.rest.checks.update({
        ...repository,
        check_run_id: run.id,
        conclusion: "failure",
        output: {
          title: "It does not start",
          summary: "`api` exits with code 1",
          annotations: [
            {
              path: "greenroom.yaml",
              start_line: 3,
              end_line: 3,
              annotation_level: "failure",
              message: "No such chart",
            },
          ],
        },
        actions: [{ label: "Rebuild", description: "Build everything again", identifier: "rebuild" }],
      });
      await page.locator('[data-testid="check"][data-state="failure"]').waitFor();
      await check.locator("summary").click();
      expect(await check.getByTestId("annotation").textContent()).toContain("greenroom.yaml:3");
      await check.getByTestId("check-action").click();
      const asked = await world.receiver.next("check_run", "requested_action");
      expect(asked.payload.requested_action.identifier).toBe("rebuild");
      // What was opened stays open.
      expect(await check.locator("details").getAttribute("open")).not.toBeNull();

      const { data: deployment } = await app.rest.repos.createDeployment({
        ...repository,
        ref: pull.head.sha,
        environment: "preview/pr-1",
        auto_merge: false,
        required_contexts: [],
        transient_environment: true,
      });
      if (!("id" in deployment)) throw new Error("no deployment was made");
      const status = { ...repository, deployment_id: deployment.id };
      await app.rest.repos.createDeploymentStatus({ ...status, state: "in_progress" });
      await page.locator('[data-testid="deployment"][data-state="in_progress"]').waitFor();
      const url = "http://1-hello.preview.localhost:8080/";
      await app.rest.repos.createDeploymentStatus({ ...status, state: "success", environment_url: url });
      await page.locator('[data-testid="deployment"][data-state="success"]').waitFor();
      expect(await page.getByTestId("view-deployment").getAttribute("href")).toBe(url);
      await app.rest.repos.createDeploymentStatus({ ...status, state: "inactive" });
      await page.locator('[data-testid="deployment"][data-state="inactive"]').waitFor();
      expect(await page.getByTestId("view-deployment").count()).toBe(0);

      await page.fill("#label-name", "preview");
      await page.getByTestId("add-label").click();
      await page.locator('[data-testid="label"][data-name="preview"]').waitFor();
      expect((await world.receiver.next("pull_request", "labeled")).payload.label.name).toBe("preview");
      await page.getByTestId("remove-label").click();
      await page.locator('[data-testid="label"]').waitFor({ state: "detached" });

      world.receiver.status = 503;
      const opened = page.locator('[data-event="pull_request"][data-action="opened"]');
      await opened.first().waitFor();
      await opened.getByTestId("redeliver").click();
      await page.locator('[data-action="opened"][data-status="503"]', { hasText: "again" }).waitFor();
      expect(await opened.count()).toBe(2);
      // The page was never loaded again.
      expect(await isMarked(page)).toBe(true);
    });
  },
  patience,
);

test(
  "a stranger opens a pull request from a fork, cannot push elsewhere, and is told so",
  async () => {
    await withPage(`${world.hub.url}/`, async (page) => {
      await page.getByTestId("create-hello").click();
      await page.waitForURL("**/author/hello");
      await page.getByTestId("open-fork-pull").click();
      await page.waitForURL("**/author/hello/pull/1");
      expect(await page.getByTestId("head").textContent()).toBe("visitor:sample-change-1");
      const { data: pull } = await world
        .as("author")
        .rest.pulls.get({ owner: "author", repo: "hello", pull_number: 1 });
      expect(pull.head.repo?.full_name).toBe("visitor/hello");
      expect(pull.user.login).toBe("visitor");
      // The page's author has no write access to the fork: there is no button, and the address refuses.
      expect(await page.getByTestId("push").count()).toBe(0);
      await page.getByTestId("viewer").selectOption("visitor");
      await page.getByTestId("push").waitFor();
      expect(await page.getByTestId("merge").count()).toBe(0);
      await page.getByTestId("push").click();
      await page.getByTestId("commit").nth(1).waitFor();
      await page.getByTestId("draft").click();
      await page.getByTestId("state").filter({ hasText: "Draft" }).waitFor();
      await page.fill("#label-name", "preview");
      await page.getByTestId("add-label").click();
      await page.locator("#notice", { hasText: "Must have write access" }).waitFor();
    });
  },
  patience,
);
