import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createSharedBudget, type SharedBudget } from "../../src/adapters/redis/shared-budget.ts";
import type { WriteLimits } from "../../src/ports/call-budget.ts";
import { callBudgetContract, spend } from "./call-budget.contract.ts";
import { type RedisServer, startRedis } from "./queue-redis-server.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const opened: SharedBudget[] = [];
const errors: Error[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.disconnect();
  errors.length = 0;
});

function open(prefix: string, limits: WriteLimits, now?: () => number): SharedBudget {
  const budget = createSharedBudget({
    url: redis.url,
    limits,
    prefix,
    ...(now === undefined ? {} : { now }),
    onError: (error) => errors.push(error),
  });
  opened.push(budget);
  return budget;
}

/** Makes everything in the store so much older. */
async function age(prefix: string, milliseconds: number): Promise<void> {
  const client = new Redis(redis.url);
  try {
    for (const key of await client.keys(`${prefix}*`)) {
      const left = (await client.pttl(key)) - milliseconds;
      if (left <= 0) await client.del(key);
      else {
        await client.pexpire(key, left);
        if ((await client.type(key)) !== "list") continue;
        const times = await client.lrange(key, 0, -1);
        for (const [n, time] of times.entries()) await client.lset(key, n, String(Number(time) - milliseconds));
      }
    }
  } finally {
    client.disconnect();
  }
}

callBudgetContract("in Redis", async (limits) => {
  const prefix = `{${randomUUID()}}`;
  let passed = 0;
  return {
    open: () => open(prefix, limits, () => performance.now() + passed),
    async pass(milliseconds) {
      passed += milliseconds;
      await age(prefix, milliseconds);
    },
    dispose: async () => undefined,
  };
});

const limits = { perMinute: 10, perHour: 100 };

test("keys name numbers and nothing else, and all of them run out", async () => {
  const prefix = `{${randomUUID()}}`;
  const budget = open(prefix, limits);
  await budget.take(12, "write");
  await budget.close("app", 60_000);
  const client = new Redis(redis.url);
  const keys = (await client.keys(`${prefix}*`)).sort();
  expect(keys).toEqual([`${prefix}:github:12:writes`, `${prefix}:github:app:closed`]);
  for (const key of keys) expect(await client.pttl(key)).toBeGreaterThan(0);
  client.disconnect();
});

test("many workers at once take no more than there is", async () => {
  const prefix = `{${randomUUID()}}`;
  const workers = [1, 2, 3, 4].map(() => open(prefix, limits));
  const taken = await Promise.all(workers.flatMap((each) => Array.from({ length: 10 }, () => each.take(1, "write"))));
  expect(taken.filter((each) => each === "taken")).toHaveLength(limits.perMinute);
});

test("a store that lost its memory: whoever was refused remembers it", async () => {
  const budget = open(`{${randomUUID()}}`, limits);
  await budget.close(1, 60_000);
  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
  expect(await budget.take(1, "read")).toMatchObject({ refused: "closed" });
});

test.each([
  ["does not answer", async () => redis.freeze(), async () => redis.thaw()],
  ["is gone", () => redis.stop(), () => redis.start()],
])("while the store %s each worker goes by what it knows itself, and says so once", async (_, leave, back) => {
  const budget = open(`{${randomUUID()}}`, limits);
  for (let n = 0; n < 4; n += 1) await budget.take(1, "write");
  await leave();
  try {
    const started = performance.now();
    // What was written before counts.
    expect((await spend(budget, 1)).taken).toBe(limits.perMinute - 4);
    await budget.close(2, 60_000);
    expect(await budget.take(2, "read")).toMatchObject({ refused: "closed" });
    expect(await budget.take(3, "read")).toBe("taken");
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(errors).toHaveLength(1);
  } finally {
    await back();
  }
});
