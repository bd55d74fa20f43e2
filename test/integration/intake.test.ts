import { createHmac } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBullmqQueue } from "../../src/adapters/bullmq/queue.ts";
import { fakePresses } from "../fakes/presses.ts";
import { startApp } from "../../src/intake/app.ts";
import { createReceive } from "../../src/intake/receive.ts";
import { closeServer, createIntakeServer } from "../../src/intake/server.ts";
import type { Announcement } from "../../src/ports/queue.ts";
import { type PreviewKey, keyString } from "../../src/preview/key.ts";
import { type RedisServer, freePort, startRedis } from "../contract/queue-redis-server.ts";
import { type World, shop, startWorld } from "./github/world.ts";

const place = { owner: "maintainer", repo: "shop" };

let world: World;
let redis: RedisServer;
let intakePort: number;
const closing: (() => Promise<void>)[] = [];

/** Keys that a worker was asked to look at, in order; each run is held until the next announcement or for good. */
const looked: { key: PreviewKey; signal: AbortSignal }[] = [];
const heard: Announcement[] = [];
let notify: (() => void) | undefined;

async function nthLook(n: number) {
  for (;;) {
    const look = looked[n];
    if (look !== undefined) return look;
    await new Promise<void>((resolve) => {
      notify = resolve;
    });
  }
}

beforeAll(async () => {
  redis = await startRedis();
  intakePort = await freePort();
  world = await startWorld({ webhookUrl: `http://127.0.0.1:${intakePort}/webhooks/github` });
  closing.push(
    () => redis.stop(),
    () => world.close(),
  );
  const queue = createBullmqQueue({ url: redis.url, onError: () => undefined });
  closing.push(() => queue.close());
  const { hub } = world;
  const dispatch = await startApp(
    queue,
    {
      appId: hub.appId,
      privateKey: readFileSync(hub.privateKeyPath, "utf8"),
      secret: hub.webhookSecret,
      apiUrl: hub.apiUrl,
      log: pino({ level: "silent" }),
    },
    { commands: queue, presses: fakePresses() },
  );
  const server = createIntakeServer({
    receive: createReceive({ secrets: [hub.webhookSecret], dispatch }),
    isReady: () => queue.isReady(),
    onError: () => undefined,
  });
  server.listen(intakePort, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => closeServer(server, 100));
  const stop = await queue.consume(
    async (key, signal) => {
      looked.push({ key, signal });
      notify?.();
      if (!signal.aborted) await once(signal, "abort");
    },
    (announcement) => heard.push(announcement) > 0,
  );
  closing.push(stop);
});

afterAll(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

test("a pull request that is opened, pushed to and closed on GitHub reaches the worker, and stops what is void", async () => {
  const clone = await shop(world);
  const first = await clone.commit("blue", { "page.html": "blue\n" });
  await clone.git("push", "--quiet", "origin", "blue");
  const author = world.as("author");
  const { data: opened } = await author.rest.pulls.create({ ...place, title: "Blue", head: "blue", base: "main" });
  const { data: repository } = await author.rest.repos.get(place);
  const { data: installation } = await world.app.rest.apps.getRepoInstallation(place);
  const key: PreviewKey = {
    installation: installation.id,
    repository: { id: repository.id, nodeId: repository.node_id },
    number: opened.number,
  };
  const one = await nthLook(0);
  expect(one.key).toEqual(key);

  const second = await clone.commit("blue", { "page.html": "dark blue\n" });
  await clone.git("push", "--quiet", "origin", "blue");
  const two = await nthLook(1);
  expect([one.signal.aborted, two.key]).toEqual([true, key]);

  await world.as("maintainer").rest.pulls.update({ ...place, pull_number: opened.number, state: "closed" });
  const three = await nthLook(2);
  expect([two.signal.aborted, three.key]).toEqual([true, key]);
  expect(heard.map(({ head, closed }) => ({ head, closed }))).toEqual([
    { head: second, closed: false },
    { head: second, closed: true },
  ]);
  expect(first).not.toBe(second);
});

test("every delivery was answered with 202, also those that ask for nothing", async () => {
  await world.hub.settled();
  const { data: deliveries } = await world.app.rest.apps.listWebhookDeliveries();
  expect(deliveries.length).toBeGreaterThanOrEqual(3);
  expect(new Set(deliveries.map((delivery) => delivery.status_code))).toEqual(new Set([202]));
});

const url = () => `http://127.0.0.1:${intakePort}/webhooks/github`;

async function deliver(payload: object, secret: string) {
  const body = JSON.stringify(payload);
  const started = performance.now();
  const response = await fetch(url(), {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": "pull_request",
      "x-github-delivery": "00000000-0000-0000-0000-000000000001",
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    },
  });
  return { status: response.status, body: await response.text(), milliseconds: performance.now() - started };
}

const payload = {
  action: "synchronize",
  installation: { id: 7 },
  repository: { id: 99, node_id: "R_99" },
  pull_request: { number: 5, head: { sha: "a".repeat(40) } },
};

test("a wrong signature enqueues nothing", async () => {
  const before = looked.length;
  expect((await deliver(payload, "somebody else's")).status).toBe(401);
  // What comes after it is what the worker sees next.
  const other = { ...payload, pull_request: { ...payload.pull_request, number: 6 } };
  expect((await deliver(other, world.hub.webhookSecret)).status).toBe(202);
  expect(keyString((await nthLook(before)).key)).toBe("99/6");
});

test("without Redis the answer is 503 within 3 s, and 202 again when Redis is back", async () => {
  await redis.stop();
  const refused = await deliver(payload, world.hub.webhookSecret);
  expect(refused.status).toBe(503);
  expect(refused.milliseconds).toBeLessThan(3_500);
  expect((await fetch(`http://127.0.0.1:${intakePort}/readyz`)).status).toBe(503);
  await redis.start();
  while ((await fetch(`http://127.0.0.1:${intakePort}/readyz`)).status !== 200);
  expect((await deliver(payload, world.hub.webhookSecret)).status).toBe(202);
});
