import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type Socket, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { backoffMs } from "../../src/adapters/bullmq/backoff.ts";
import { type BullmqQueue, createBullmqQueue } from "../../src/adapters/bullmq/queue.ts";
import { FailureError } from "../../src/preview/failure.ts";
import type { PreviewKey } from "../../src/preview/key.ts";
import { type RedisServer, freePort, startRedis } from "./queue-redis-server.ts";

const key: PreviewKey = { installation: 7, repository: { id: 42, nodeId: "R_42" }, number: 1 };

let redis: RedisServer;
let prefix: string;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  redis = await startRedis();
  prefix = `{${randomUUID()}}`;
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await redis.stop();
});

function open(url = redis.url, shutdownGraceMs = 5_000): BullmqQueue {
  const queue = createBullmqQueue({ url, prefix, shutdownGraceMs, onError: () => undefined });
  closing.push(() => queue.close());
  return queue;
}

/** Consumes; every run is held until its signal aborts, unless it ignores that. */
async function hold(queue: BullmqQueue, ignoresAbort = false) {
  const runs: AbortSignal[] = [];
  let notify: (() => void) | undefined;
  const stop = await queue.consume(
    (_, signal) =>
      new Promise((resolve) => {
        runs.push(signal);
        notify?.();
        if (!ignoresAbort) signal.addEventListener("abort", () => resolve());
      }),
    () => true,
  );
  closing.push(stop);
  const nth = async (n: number): Promise<AbortSignal> => {
    for (;;) {
      const run = runs[n];
      if (run !== undefined) return run;
      await new Promise<void>((resolve) => {
        notify = resolve;
      });
    }
  };
  return { runs, nth, stop };
}

async function refusal(queue: BullmqQueue): Promise<{ code: string; kind: string; ms: number }> {
  const before = performance.now();
  const error: unknown = await queue.enqueue(key, "change").then(
    () => new Error("was accepted"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FailureError)) throw error;
  return { code: error.failure.code, kind: error.failure.kind, ms: performance.now() - before };
}

const unavailable = { code: "queue-unavailable", kind: "transient" };

/** Resolves once the queue has recovered by itself; the test's own deadline bounds it. */
async function recovered(queue: BullmqQueue): Promise<void> {
  while (!(await queue.isReady()));
  await queue.enqueue(key, "change");
}

/** A peer on a port of its own that takes whatever comes and never answers. */
async function blackHole() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on("error", () => undefined).resume()));
  const port = await freePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `redis://127.0.0.1:${port}`;
}

test("a stopped store refuses within 3 s, and takes jobs again when it is back", async () => {
  const queue = open();
  await queue.enqueue(key, "change");
  await redis.stop();
  const refused = await refusal(queue);
  expect(refused).toMatchObject(unavailable);
  expect(refused.ms).toBeLessThan(3_300);
  expect(await queue.isReady()).toBe(false);
  await redis.start();
  await recovered(queue);
});

test("a frozen store refuses within 3 s, and takes jobs again when it thaws", async () => {
  const queue = open();
  await queue.enqueue(key, "change");
  redis.freeze();
  const both = await Promise.all([refusal(queue), refusal(queue)]);
  const later = await refusal(queue);
  redis.thaw();
  for (const refused of [...both, later]) {
    expect(refused).toMatchObject(unavailable);
    expect(refused.ms).toBeLessThan(3_300);
  }
  await recovered(queue);
});

test("a store that never answered at all refuses within 3 s", async () => {
  const refused = await refusal(open(await blackHole()));
  expect(refused).toMatchObject(unavailable);
  expect(refused.ms).toBeLessThan(3_300);
});

test("a store that is down at the start is found when it comes", async () => {
  await redis.stop();
  const queue = open();
  expect(await refusal(queue)).toMatchObject(unavailable);
  await redis.start();
  await recovered(queue);
});

test("a killed worker's job runs again elsewhere in under 15 s", async () => {
  const script = fileURLToPath(new URL("queue-worker-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, redis.url, prefix], { stdio: ["ignore", "pipe", "inherit"] });
  const queue = open();
  await queue.enqueue(key, "change");
  await once(child.stdout, "data");
  const { nth } = await hold(queue);
  const before = performance.now();
  child.kill("SIGKILL");
  await nth(0);
  expect(performance.now() - before).toBeLessThan(15_000);
});

test("an emptied store stops the running job, and the next one of its key runs", async () => {
  const queue = open();
  const { nth } = await hold(queue);
  await queue.enqueue(key, "change");
  const first = await nth(0);
  await redis.stop();
  await redis.start();
  await recovered(queue);
  await nth(1);
  if (!first.aborted) await once(first, "abort");
  expect(String(first.reason)).toContain("lock lost");
});

test("a transient failure after the lock was lost, and nobody has noticed, is followed by another look", async () => {
  const queue = open();
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const ends: ((error: Error) => void)[] = [];
  const stop = await queue.consume(
    () => {
      if (ends.length > 0) {
        second.resolve();
        return Promise.resolve();
      }
      first.resolve();
      return new Promise((_, reject) => ends.push(reject));
    },
    () => false,
  );
  closing.push(stop);
  await queue.enqueue(key, "change");
  await first.promise;
  const store = new Redis(redis.url);
  closing.push(() => store.quit());
  await store.flushall();
  const failure = { kind: "transient", code: "x", what: "x", remedy: "x", retryAfterSeconds: 600 } as const;
  for (const end of ends) end(new FailureError(failure));
  await expect(second.promise).resolves.toBeUndefined();
});

test("a consumer waits out an outage", async () => {
  const queue = open();
  const { nth } = await hold(queue);
  await redis.stop();
  expect(await refusal(queue)).toMatchObject(unavailable);
  await redis.start();
  await recovered(queue);
  await nth(0);
});

test("closing does not wait for ever for a handler that does not stop", async () => {
  const queue = open(redis.url, 300);
  const { nth, stop } = await hold(queue, true);
  await queue.enqueue(key, "change");
  await nth(0);
  const before = performance.now();
  await stop();
  expect(performance.now() - before).toBeLessThan(2_000);
  const other = await hold(open());
  await other.nth(0);
});

test("the pause doubles to five minutes, keeps half to chance and never undercuts what was asked for", () => {
  const asked = new FailureError({ kind: "transient", code: "x", what: "x", remedy: "x", retryAfterSeconds: 90 });
  const [least, most] = [() => 0, () => 1];
  expect([1, 2, 3, 20].map((n) => backoffMs(n, undefined, least))).toEqual([500, 1_000, 2_000, 150_000]);
  expect([1, 2, 3, 20].map((n) => backoffMs(n, undefined, most))).toEqual([1_000, 2_000, 4_000, 300_000]);
  expect([backoffMs(1, asked, least), backoffMs(1, asked, most)]).toEqual([90_000, 90_500]);
});
