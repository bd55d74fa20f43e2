import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createPullRequests } from "../../src/adapters/github/pull-requests.ts";
import type { PreviewKey } from "../../src/preview/key.ts";
import type { PullRequest } from "../../src/preview/pull-request.ts";
import type { CheckReport, DeploymentReport } from "../../src/report/reports.ts";
import { roomyBudget } from "../fakes/call-budget.ts";
import { type PlayedStandIn, playStandIn } from "./pull-requests-world.ts";

const never = new AbortController().signal;
const place = { owner: "maintainer", repo: "shop" };

let played: PlayedStandIn;
let refused: [number, string][];
const calls: string[] = [];
beforeAll(async () => {
  played = await playStandIn();
});
beforeEach(() => {
  refused = [];
});
afterAll(() => played.dispose());

/** The adapter of a worker that has just been started. */
function worker() {
  const { hub } = played.world;
  return createPullRequests({
    appId: hub.appId,
    privateKey: readFileSync(hub.privateKeyPath, "utf8"),
    apiUrl: hub.apiUrl,
    budget: roomyBudget(),
    onCall: ({ method, path }) => calls.push(`${method} ${path}`),
    onRefused: (installation, permission) => refused.push([installation, permission]),
  });
}

async function read(key: PreviewKey): Promise<PullRequest> {
  const pr = await played.pullRequests.read(key, undefined, never);
  if (pr === "gone") throw new Error("gone");
  return pr;
}

const building = ({ head, key }: PullRequest): CheckReport => ({
  commit: head.sha,
  status: "in_progress",
  title: "Building",
  summary: "Two images.",
  annotations: [],
  actions: [],
  externalId: `${key.repository.id}/${key.number}`,
});

async function conclusionOf(id: number | undefined): Promise<string | null> {
  if (id === undefined) throw new Error("there is no check run");
  const { data } = await played.world.as("maintainer").rest.checks.get({ ...place, check_run_id: id });
  return data.conclusion;
}

describe("the check of a commit that a newer one has overtaken", () => {
  test.each(["the same worker", "another worker"])("is cancelled by %s", async (who) => {
    const key = await played.github.open();
    const first = worker();
    const pr = await read(key);
    const before = await first.check(pr, undefined, building(pr), never);
    await played.github.push(key);
    const pushed = await read(key);
    const second = who === "another worker" ? worker() : first;
    const after = await second.check(pushed, before, building(pushed), never);
    expect(after).not.toBe(before);
    expect([await conclusionOf(before), await conclusionOf(after)]).toEqual(["cancelled", null]);
  });

  test("stays as it is once it has ended, and costs no call", async () => {
    const key = await played.github.open();
    const github = worker();
    const pr = await read(key);
    const before = await github.check(pr, undefined, building(pr), never);
    await github.check(pr, before, { ...building(pr), status: "completed", conclusion: "success" }, never);
    await played.github.push(key);
    const pushed = await read(key);
    calls.length = 0;
    await github.check(pushed, before, building(pushed), never);
    expect(calls).toEqual(["POST /api/v3/repos/maintainer/shop/check-runs"]);
    expect(await conclusionOf(before)).toBe("success");
  });
});

test("our comment is found however long the conversation is, also by who does not know its id", async () => {
  const key = await played.github.open();
  const pr = await read(key);
  const body = "<!-- greenroom:preview 1/1 -->\nready";
  for (let count = 0; count < 25; count += 1) await played.github.say(key, `before ${count}`);
  const id = await worker().comment(pr, undefined, body, never);
  expect((await read(key)).comment).toEqual({ id, body });
  for (let count = 0; count < 35; count += 1) await played.github.say(key, `${body} ${count}`, "author");
  expect((await read(key)).comment).toEqual({ id, body });
  calls.length = 0;
  const found = await worker().read(key, id, never);
  expect(found).toMatchObject({ comment: { id, body } });
  expect(calls.filter((call) => call.includes("/comments"))).toEqual([
    `GET /api/v3/repos/maintainer/shop/issues/comments/${id}`,
  ]);
  await played.github.deleteComment(key, id);
  expect((await read(key)).comment).toBeUndefined();
});

test("a deployment leads to where people read how it went", async () => {
  const key = await played.github.open();
  const pr = await read(key);
  const logUrl = `${pr.url}#issuecomment-1`;
  const environment = `preview/pr-${key.number}`;
  const report: DeploymentReport = { commit: pr.head.sha, environment, state: "failure", description: "", logUrl };
  const id = await worker().deployment(pr, undefined, report, never);
  if (id === undefined) throw new Error("there is no deployment");
  const statuses = await played.world
    .as("maintainer")
    .rest.repos.listDeploymentStatuses({ ...place, deployment_id: id });
  expect(statuses.data.map((status) => status.log_url)).toEqual([logUrl]);
});

test("a permission that is missing is noted once for an installation, and fails nothing", async () => {
  const key = await played.github.open();
  const pr = await read(key);
  await played.github.revoke("checks");
  await played.github.revoke("deployments");
  const github = worker();
  const report: DeploymentReport = { commit: pr.head.sha, environment: "preview/x", state: "success", description: "" };
  for (const _ of [1, 2]) {
    expect(await github.check(pr, undefined, building(pr), never)).toBeUndefined();
    expect(await github.deployment(pr, undefined, report, never)).toBeUndefined();
  }
  expect(refused).toEqual([
    [key.installation, "checks"],
    [key.installation, "deployments"],
  ]);
});
