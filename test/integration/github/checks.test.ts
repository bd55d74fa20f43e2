import type { Octokit } from "@octokit/rest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestCheckAction } from "../../../infra/local/github/actions/checks.ts";
import { shop, startWorld, type World } from "./world.ts";

let world: World;
let app: Octokit;
let sha: string;
const repository = { owner: "maintainer", repo: "shop" };

beforeAll(async () => {
  world = await startWorld();
  const clone = await shop(world);
  sha = await clone.commit("feature/x", { "page.html": "blue\n" });
  await clone.git("push", "--quiet", "origin", "feature/x");
  await world.as("author").rest.pulls.create({ ...repository, title: "Blue", head: "feature/x", base: "main" });
  app = await world.installation();
});

afterAll(() => world.close());

describe("check runs", () => {
  test("go from queued to completed, with annotations, and are listed by commit and by branch", async () => {
    const { data: queued } = await app.rest.checks.create({
      ...repository,
      name: "preview",
      head_sha: sha,
      external_id: "1/1",
    });
    expect(queued).toMatchObject({ status: "queued", conclusion: null, external_id: "1/1", completed_at: null });
    expect(queued.pull_requests).toMatchObject([{ number: 1 }]);
    const { data: done } = await app.rest.checks.update({
      ...repository,
      check_run_id: queued.id,
      status: "completed",
      conclusion: "failure",
      output: {
        title: "Broken",
        summary: "It does not build.",
        annotations: [
          { path: "Dockerfile", start_line: 2, end_line: 2, annotation_level: "failure", message: "no such file" },
        ],
      },
      actions: [{ label: "Rebuild", description: "Build again", identifier: "rebuild" }],
    });
    expect(done).toMatchObject({ status: "completed", conclusion: "failure", output: { annotations_count: 1 } });
    for (const ref of [sha, "feature/x"]) {
      const { data: list } = await app.rest.checks.listForRef({ ...repository, ref });
      expect(list).toMatchObject({ total_count: 1, check_runs: [{ id: done.id }] });
    }
    const { data: annotations } = await app.rest.checks.listAnnotations({ ...repository, check_run_id: done.id });
    expect(annotations).toMatchObject([{ path: "Dockerfile", message: "no such file", start_column: null }]);
  });

  test("tell the app when one of their buttons is pressed", async () => {
    const { github } = world.hub;
    const record = github.store.repositoryByName("maintainer", "shop");
    const run = record?.checkRuns[0];
    const author = github.store.userByLogin("author");
    const visitor = github.store.userByLogin("visitor");
    if (record === undefined || run === undefined || author === undefined || visitor === undefined) {
      throw new Error("nothing to press");
    }
    expect(() => requestCheckAction(github, visitor, record, run, "rebuild")).toThrow("Must have write access.");
    expect(() => requestCheckAction(github, author, record, run, "approve")).toThrow("no button approve");
    requestCheckAction(github, author, record, run, "rebuild");
    const { payload } = await world.receiver.next("check_run", "requested_action");
    expect(payload).toMatchObject({
      requested_action: { identifier: "rebuild" },
      check_run: { external_id: "1/1" },
      sender: { login: "author" },
    });
  });

  test("cannot be made by people, nor on commits that are not there", async () => {
    const run = { ...repository, name: "preview", head_sha: sha };
    await expect(world.as("maintainer").rest.checks.create(run)).rejects.toMatchObject({ status: 403 });
    const missing = { ...run, head_sha: "0".repeat(40) };
    await expect(app.rest.checks.create(missing)).rejects.toMatchObject({ status: 422 });
  });
});
