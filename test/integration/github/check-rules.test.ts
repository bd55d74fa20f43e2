import type { Octokit } from "@octokit/rest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shop, startWorld, type World } from "./world.ts";

let world: World;
let app: Octokit;
let sha: string;
const repository = { owner: "maintainer", repo: "shop" };

beforeAll(async () => {
  world = await startWorld();
  sha = await (await shop(world)).git("rev-parse", "HEAD");
  app = await world.installation();
});
afterAll(() => world.close());

const action = (size: { label?: number; description?: number; identifier?: number } = {}) => ({
  label: "l".repeat(size.label ?? 20),
  description: "d".repeat(size.description ?? 40),
  identifier: "i".repeat(size.identifier ?? 20),
});
const annotation = {
  path: "Dockerfile",
  start_line: 3,
  end_line: 3,
  annotation_level: "failure",
  message: "No",
} as const;
const output = { title: "Preview", summary: "No" };
const fifty = Array.from({ length: 50 }, () => annotation);

const create = (more: object) =>
  app.request("POST /repos/{owner}/{repo}/check-runs", { ...repository, name: "preview", head_sha: sha, ...more });
const runs = async () =>
  (await app.rest.checks.listForRef({ ...repository, ref: sha, filter: "all" })).data.total_count;

describe("check runs are refused, and none is made,", () => {
  test.each([
    ["with four buttons", { actions: [action(), action(), action(), action()] }],
    ["with a label of 21 characters", { actions: [action({ label: 21 })] }],
    ["with a description of 41", { actions: [action({ description: 41 })] }],
    ["with an identifier of 21", { actions: [action({ identifier: 21 })] }],
    ["with 51 annotations", { output: { ...output, annotations: [...fifty, annotation] } }],
    [
      "with an annotation that ends before it begins",
      { output: { ...output, annotations: [{ ...annotation, end_line: 2 }] } },
    ],
    [
      "with columns over several lines",
      { output: { ...output, annotations: [{ ...annotation, end_line: 4, start_column: 1 }] } },
    ],
    ["with an annotation that says nothing", { output: { ...output, annotations: [{ ...annotation, message: "" }] } }],
    ["with a summary of 65,536 characters", { output: { ...output, summary: "x".repeat(65_536) } }],
    ["without a title", { output: { summary: "No" } }],
    ["completed without a conclusion", { status: "completed" }],
    ["with a time of completion and no conclusion", { completed_at: "2026-01-01T00:00:00Z" }],
    ["with the conclusion that is GitHub's alone", { conclusion: "stale" }],
    ["with a conclusion that there is not", { conclusion: "great" }],
  ])("%s", async (_, more) => {
    const before = await runs();
    await expect(create(more)).rejects.toMatchObject({ status: 422 });
    expect(await runs()).toBe(before);
  });
});

test("what is as large as it may be is accepted, and annotations add up", async () => {
  const actions = [action(), action(), action()];
  const { data } = await create({
    conclusion: "action_required",
    external_id: "7/1",
    actions,
    output: { title: "Preview", summary: "x".repeat(65_535), annotations: fifty },
  });
  expect(data).toMatchObject({ status: "completed", conclusion: "action_required", external_id: "7/1" });
  const run = { ...repository, check_run_id: Number(data.id) };
  await app.rest.checks.update({ ...run, output: { ...output, annotations: [annotation] } });
  expect((await app.rest.checks.get(run)).data.output.annotations_count).toBe(51);
  const second = await app.rest.checks.listAnnotations({ ...run, per_page: 50, page: 2 });
  expect(second.data).toMatchObject([{ path: "Dockerfile", start_line: 3 }]);
});

test.each(["cancelled", "neutral", "skipped", "timed_out", "failure", "success"])(
  "%s is a conclusion",
  async (conclusion) => {
    expect((await create({ conclusion })).data).toMatchObject({ status: "completed", conclusion });
  },
);

test("a refused change leaves the run as it was", async () => {
  const { data } = await create({ status: "in_progress", output });
  const run = { ...repository, check_run_id: Number(data.id) };
  const wrong = app.request("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", {
    ...run,
    name: "other",
    conclusion: "stale",
  });
  await expect(wrong).rejects.toMatchObject({ status: 422 });
  expect((await app.rest.checks.get(run)).data).toMatchObject({
    name: "preview",
    status: "in_progress",
    conclusion: null,
  });
});

test("only a completed run can be asked for again, by who may write; it stays as it is", async () => {
  const { data } = await create({ status: "in_progress" });
  const run = { ...repository, check_run_id: Number(data.id) };
  await expect(world.as("author").rest.checks.rerequestRun(run)).rejects.toMatchObject({ status: 422 });
  await app.rest.checks.update({ ...run, conclusion: "failure", external_id: "9/1" });
  await expect(world.as("visitor").rest.checks.rerequestRun(run)).rejects.toMatchObject({ status: 403 });
  await world.as("author").rest.checks.rerequestRun(run);
  const { payload } = await world.receiver.next("check_run", "rerequested");
  expect(payload).toMatchObject({ sender: { login: "author" }, check_run: { external_id: "9/1" } });
  expect((await app.rest.checks.get(run)).data).toMatchObject({ status: "completed", conclusion: "failure" });
});
