import { once } from "node:events";
import { readFileSync } from "node:fs";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mountPages } from "../../infra/local/github/pages/mount.ts";
import { createBullmqPresses } from "../../src/adapters/bullmq/presses.ts";
import { startApp } from "../../src/intake/app.ts";
import { createReceive } from "../../src/intake/receive.ts";
import { closeServer, createIntakeServer } from "../../src/intake/server.ts";
import type { ObeyWorld } from "../../src/pipeline/obey.ts";
import { press } from "../../src/pipeline/press.ts";
import { reconcile } from "../../src/pipeline/reconcile.ts";
import type { World } from "../../src/pipeline/world.ts";
import type { Press } from "../../src/ports/presses.ts";
import type { PreviewKey } from "../../src/preview/key.ts";
import { smallWorld } from "../core/pipeline/small-world.ts";
import { submit } from "./pages-world.ts";
import { type PlayedStandIn, playStandIn } from "./pull-requests-world.ts";
import { freePort, startRedis } from "./queue-redis-server.ts";

const never = new AbortController().signal;
const place = { owner: "maintainer", repo: "shop" };
const closing: (() => unknown)[] = [];
const handled: Press[] = [];
let notify: (() => void) | undefined;

let played: PlayedStandIn;
let world: World;
let small: ReturnType<typeof smallWorld>;

// GitHub's part is played by the stand-in, with its pages; intake, queue and what obeys the buttons are the real ones.
beforeAll(async () => {
  const port = await freePort();
  const redis = await startRedis();
  closing.push(() => redis.stop());
  played = await playStandIn({
    webhookUrl: `http://127.0.0.1:${port}/webhooks/github`,
    pages: (app, { github }) => mountPages(app, { github, boardFile: undefined }),
  });
  closing.push(() => played.dispose());
  small = smallWorld();
  closing.push(() => small.checkouts.close());
  world = { ...small.world, pullRequests: played.pullRequests };

  const presses = createBullmqPresses({ url: redis.url, onError: () => undefined });
  closing.push(() => presses.close());
  const { hub } = played.world;
  const queue = { ...world.queue, announce: async () => undefined };
  const dispatch = await startApp(
    { ...queue, consume: async () => async () => undefined, close: async () => undefined },
    {
      appId: hub.appId,
      privateKey: readFileSync(hub.privateKeyPath, "utf8"),
      secret: hub.webhookSecret,
      apiUrl: hub.apiUrl,
      log: pino({ level: "silent" }),
    },
    { commands: queue, presses },
  );
  const receive = createReceive({ secrets: [hub.webhookSecret], dispatch });
  const server = createIntakeServer({ receive, isReady: async () => true, onError: () => undefined });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => closeServer(server, 100));
  const obeying: ObeyWorld = { ...world, conversation: played.conversation, queue };
  const stop = await presses.consume(async (pressed, signal) => {
    await press(obeying, pressed, signal);
    handled.push(pressed);
    notify?.();
  });
  closing.push(stop);
});
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

/** Resolves once so many presses were handled. */
async function untilHandled(count: number): Promise<void> {
  while (handled.length < count) {
    await new Promise<void>((resolve) => {
      notify = resolve;
    });
  }
}

const look = (key: PreviewKey) => reconcile(world, key, never, () => undefined);

/** Somebody presses something of the head's newest check on the pull request's page. */
async function pressOn(key: PreviewKey, login: string, verb: "check" | "rerun", identifier = ""): Promise<number> {
  const pr = await played.pullRequests.read(key, undefined, never);
  if (pr === "gone") throw new Error("gone");
  const { data } = await played.world.as("maintainer").rest.checks.listForRef({ ...place, ref: pr.head.sha });
  const run = String(data.check_runs[0]?.id);
  const headers = { origin: played.world.hub.url, cookie: `acting-as=${login}` };
  const path = `/-/pull/maintainer/shop/${key.number}/${verb}`;
  return (await submit(played.world, path, { run, identifier }, headers)).status;
}

test("a fork's commit is approved by the button of its check, once, by somebody who may write", async () => {
  const key = await played.github.open({ fork: true, author: { login: "visitor", permission: "read" } });
  await look(key);
  expect((await small.record(key)).status.phase).toBe("Held");
  expect(await pressOn(key, "visitor", "check", "approve")).toBe(403);
  expect(await pressOn(key, "maintainer", "check", "rebuild")).toBe(422);
  expect(await pressOn(key, "maintainer", "check", "approve")).toBe(200);
  await untilHandled(1);
  expect(handled).toMatchObject([{ key, button: "approve", login: "maintainer" }]);
  await look(key);
  const { spec, status } = await small.record(key);
  expect([spec.approvedCommit, status.phase]).toEqual([status.observedCommit, "Ready"]);

  expect(await pressOn(key, "maintainer", "check", "rebuild")).toBe(200);
  await untilHandled(2);
  await look(key);
  const rebuilt = (await small.record(key)).status;
  expect(rebuilt.attempt).toBeGreaterThan(status.attempt ?? 0);

  const [delivery] = await played.world.app
    .request("GET /app/hook/deliveries")
    .then(({ data }) => data.filter(({ action }) => action === "requested_action"));
  await played.world.app.request("POST /app/hook/deliveries/{delivery_id}/attempts", {
    delivery_id: Number(delivery?.id),
  });
  await untilHandled(3);
  expect(handled[2]).toEqual(handled[1]);
  await look(key);
  expect((await small.record(key)).status.attempt).toBe(rebuilt.attempt);

  expect(await pressOn(key, "maintainer", "rerun")).toBe(200);
  await untilHandled(4);
  await look(key);
  expect((await small.record(key)).status.attempt).toBe((rebuilt.attempt ?? 0) + 1);
});
