import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import type { GitHubCall } from "../../src/adapters/github/client.ts";
import { createInstallations } from "../../src/adapters/github/installations.ts";
import { roomyBudget } from "../fakes/call-budget.ts";
import { installationsContract, readAll } from "./installations.contract.ts";
import { type PlayedStandIn, playStandIn } from "./pull-requests-world.ts";

async function start(rateLimit?: number) {
  const played = await playStandIn(rateLimit === undefined ? {} : { rateLimit });
  const sent: GitHubCall[] = [];
  const { hub } = played.world;
  const installations = createInstallations({
    appId: hub.appId,
    privateKey: readFileSync(hub.privateKeyPath, "utf8"),
    apiUrl: hub.apiUrl,
    budget: roomyBudget(),
    pageSize: 2,
    onCall: (call) => sent.push(call),
  });
  return { ...played, installations, sent };
}

const never = new AbortController().signal;

installationsContract("on GitHub", () => start());

const closing: PlayedStandIn[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) await each.dispose();
});
async function started(rateLimit?: number) {
  const harness = await start(rateLimit);
  closing.push(harness);
  return harness;
}

const numbers = async (installations: Parameters<typeof readAll>[0]) =>
  (await readAll(installations)).repositories.flatMap(({ pullRequests }) => pullRequests.map(({ number }) => number));

test("the same question about comments costs nothing until somebody writes again", async () => {
  const { github, installations, sent } = await started();
  const key = await github.open();
  await github.say(key, "one");
  const [of] = (await readAll(installations)).repositories;
  if (of === undefined) throw new Error("there is no repository");
  const since = new Date("2020-01-01T00:00:00Z");
  const bodies = async () => (await installations.comments(of, since, never)).map(({ body }) => body);
  const asked = () => sent.filter(({ path }) => path.endsWith("/issues/comments")).map(({ status }) => status);
  expect([await bodies(), await bodies(), asked()]).toEqual([["one"], ["one"], [200, 304]]);
  await github.say(key, "two");
  expect([await bodies(), asked()]).toEqual([
    ["one", "two"],
    [200, 304, 200, 200],
  ]);
});

test("what has not changed costs no call that counts, on however many pages", async () => {
  const { github, installations, world } = await started();
  for (let n = 0; n < 5; n += 1) await github.open();
  const first = await numbers(installations);
  world.hub.github.store.save();
  const before = world.hub.calls().length;
  expect(await numbers(installations)).toEqual(first);
  const calls = world.hub.calls().slice(before);
  expect(calls.length).toBeGreaterThan(4);
  expect(calls.filter(({ counted }) => counted)).toEqual([]);
});

test("what has changed is found on whatever page it is, and pages grow and shrink", async () => {
  const { github, installations } = await started();
  const keys = [];
  for (let n = 0; n < 4; n += 1) keys.push(await github.open());
  const [oldest, second] = keys;
  if (oldest === undefined || second === undefined) throw new Error("nothing was opened");
  await github.close(oldest);
  expect(await numbers(installations)).toEqual([4, 3, 2]);
  const head = await github.push(second);
  const { repositories } = await readAll(installations);
  expect(repositories[0]?.pullRequests.find(({ number }) => number === 2)?.head).toBe(head);
  await github.reopen(oldest);
  expect(await numbers(installations)).toEqual([4, 3, 2, 1]);
  for (const key of keys) await github.close(key);
  expect(await numbers(installations)).toEqual([]);
});

test("an installation whose limit is used up is left in peace until it is renewed", async () => {
  const { github, installations, sent } = await started(8);
  await github.open();
  await github.open();
  let unread: unknown[] = [];
  while (unread.length === 0) {
    await github.push(await github.open());
    ({ unread } = await readAll(installations));
  }
  expect(unread).toEqual([{ installation: expect.any(Number) }]);
  const before = sent.length;
  expect((await readAll(installations)).unread).toEqual([{ installation: expect.any(Number) }]);
  // Only the list of installations, which is the app's own, was asked for.
  expect(sent.slice(before).map(({ path }) => path)).toEqual(["/api/v3/app/installations"]);
});
