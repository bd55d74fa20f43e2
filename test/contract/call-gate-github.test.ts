import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createConversation } from "../../src/adapters/github/conversation.ts";
import { createInstallations } from "../../src/adapters/github/installations.ts";
import { createPullRequests } from "../../src/adapters/github/pull-requests.ts";
import { createSharedBudget, type SharedBudget } from "../../src/adapters/redis/shared-budget.ts";
import type { PreviewKey } from "../../src/preview/key.ts";
import type { PullRequest } from "../../src/preview/pull-request.ts";
import { readAll } from "./installations.contract.ts";
import { type PlayedStandIn, playStandIn } from "./pull-requests-world.ts";
import { type RedisServer, startRedis } from "./queue-redis-server.ts";

const never = new AbortController().signal;

let redis: RedisServer;
let played: PlayedStandIn;
let prefix: string;
let key: PreviewKey;
let pr: PullRequest;
const budgets: SharedBudget[] = [];

beforeAll(async () => {
  [redis, played] = await Promise.all([startRedis(), playStandIn()]);
  key = await played.github.open();
  const read = await played.pullRequests.read(key, undefined, never);
  if (read === "gone") throw new Error("gone");
  pr = read;
});
afterAll(async () => {
  await Promise.all([redis.stop(), played.dispose()]);
});
beforeEach(() => {
  prefix = `{${randomUUID()}}`;
});
afterEach(async () => {
  for (const each of budgets.splice(0)) each.disconnect();
  await fetch(`${played.world.hub.url}/-/faults`, { method: "DELETE" });
});

/** The adapters of one more worker process, with the paths it asked for. */
function worker(limits = { perMinute: 80, perHour: 500 }) {
  const budget = createSharedBudget({ url: redis.url, limits, prefix, onError: () => undefined });
  budgets.push(budget);
  const sent: string[] = [];
  const { hub } = played.world;
  const options = {
    appId: hub.appId,
    privateKey: readFileSync(hub.privateKeyPath, "utf8"),
    apiUrl: hub.apiUrl,
    budget,
    onCall: ({ path }: { path: string }) => sent.push(path.replace("/api/v3", "")),
  };
  return {
    sent,
    pullRequests: createPullRequests(options),
    conversation: createConversation(options),
    installations: createInstallations(options),
    read: () => createPullRequests(options).read(key, undefined, never),
  };
}

/** The next call of an installation that fits is answered so. */
async function strike(match: object, effect: object): Promise<void> {
  const body = JSON.stringify({ on: "request", match: { by: "installation", ...match }, when: { next: 1 }, effect });
  const answer = await fetch(`${played.world.hub.url}/-/faults`, { method: "POST", body });
  expect(answer.status).toBe(201);
}

const limited = (most: number) => ({
  failure: { kind: "transient", code: "github-rate-limited", retryAfterSeconds: expect.toSatisfy(upTo(most)) },
});
const upTo = (most: number) => (seconds: number) => seconds > 2 && seconds <= most;

test.each([
  ["GraphQL's limit", { surface: "graphql" }, { do: "primary-limit", status: 403, resetIn: 20 }, 20],
  ["a secondary limit", { surface: "graphql" }, { do: "secondary-limit", status: 429, retryAfter: 20 }, 20],
  [
    "a secondary limit without a time",
    { surface: "graphql" },
    { do: "secondary-limit", status: 403, retryAfter: null },
    60,
  ],
])("after %s no worker asks anything for that installation", async (_, match, effect, seconds) => {
  const [one, two] = [worker(), worker()];
  await two.read();
  await strike(match, effect);
  await expect(one.read()).rejects.toMatchObject(limited(seconds));
  one.sent.length = 0;
  two.sent.length = 0;
  for (const each of [one, two]) {
    await expect(each.read()).rejects.toMatchObject(limited(seconds));
    await expect(each.pullRequests.comment(pr, undefined, "ready", never)).rejects.toMatchObject(limited(seconds));
    await expect(each.pullRequests.gitAccess(pr, never)).rejects.toMatchObject(limited(seconds));
    await expect(each.conversation.since(pr, new Date(), never)).rejects.toMatchObject(limited(seconds));
    // Eyes are for a moment only.
    await each.conversation.react(pr, 1, "eyes", never);
    expect((await readAll(each.installations)).unread).toEqual([{ installation: key.installation }]);
  }
  // The app itself was not refused.
  expect([...one.sent, ...two.sent]).toEqual(["/app/installations", "/app/installations"]);
});

test("a write that is refused closes as well, and whoever waits no longer than a moment waits for it", async () => {
  const [one, two] = [worker(), worker()];
  await two.read();
  await strike(
    { method: "POST", path: "/repos/*/*/issues/*/comments" },
    { do: "secondary-limit", status: 403, retryAfter: 2 },
  );
  await expect(one.pullRequests.comment(pr, undefined, "ready", never)).rejects.toMatchObject({
    failure: { code: "github-rate-limited", retryAfterSeconds: 2 },
  });
  const refusedAt = performance.now();
  expect(await two.read()).not.toBe("gone");
  expect(performance.now() - refusedAt).toBeGreaterThan(1_500);
});

test("all workers together write no more than they may, and reading goes on", async () => {
  const limits = { perMinute: 4, perHour: 500 };
  const [one, two] = [worker(limits), worker(limits)];
  const say = await played.github.say(key, "Looks good");
  await one.conversation.react(pr, say, "eyes", never);
  const id = await one.pullRequests.comment(pr, undefined, "1", never);
  await two.pullRequests.comment(pr, id, "2", never);
  // Three of four are used: what is for a moment only is left out.
  const other = await played.github.say(key, "Looks better");
  await two.conversation.react(pr, other, "eyes", never);
  expect(await played.github.reactions(key, other)).toEqual([]);
  await one.pullRequests.comment(pr, id, "3", never);
  await expect(two.pullRequests.comment(pr, id, "4", never)).rejects.toMatchObject({
    failure: { kind: "transient", code: "github-writes-spent" },
  });
  expect(await two.read()).not.toBe("gone");
  const bodies = (await played.github.comments(key)).filter(({ ours }) => ours).map(({ body }) => body);
  expect(bodies).toEqual(["3"]);
});

test("a permission that is missing is noted, and closes nothing", async () => {
  const one = worker();
  await strike({ method: "POST", path: "/repos/*/*/check-runs" }, { do: "fail", status: 503 });
  const report = {
    commit: pr.head.sha,
    status: "in_progress" as const,
    title: "Building",
    summary: "",
    annotations: [],
  };
  await expect(
    one.pullRequests.check(pr, undefined, { ...report, externalId: "1/1", actions: [] }, never),
  ).rejects.toMatchObject({ failure: { code: "github-unavailable" } });
  expect(await one.read()).not.toBe("gone");
  await played.github.revoke("checks");
  expect(await worker().pullRequests.check(pr, undefined, { ...report, externalId: "1/1", actions: [] }, never)).toBe(
    undefined,
  );
  expect(await one.read()).not.toBe("gone");
});
