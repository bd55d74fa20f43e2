import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBullmqSweeps } from "../../src/adapters/bullmq/sweeps.ts";
import { type RedisServer, startRedis } from "./queue-redis-server.ts";
import { sweepsContract, watchedSweep } from "./sweeps.contract.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const open = (prefix: string) => createBullmqSweeps({ url: redis.url, prefix, checkMs: 200, onError: () => undefined });

sweepsContract("on BullMQ", async () => {
  const prefix = `{${randomUUID()}}`;
  return {
    open: () => open(prefix),
    async flush() {
      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
    },
    dispose: async () => undefined,
  };
});

test("a store that was away and comes back empty is swept for at once, in another epoch", async () => {
  const { sweep, times, epochs } = watchedSweep();
  const stop = await open(`{${randomUUID()}}`).run(3_600_000, sweep);
  await times(1);
  await redis.stop();
  await redis.start();
  await times(2);
  expect(epochs[1]).not.toBe(epochs[0]);
  await stop();
});

test("a store that is not there yet is waited for", async () => {
  await redis.stop();
  const { sweep, times } = watchedSweep();
  const stop = await open(`{${randomUUID()}}`).run(3_600_000, sweep);
  await redis.start();
  expect(await times(1)).toBeGreaterThanOrEqual(1);
  await stop();
});
