import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { createBullmqQueue } from "../../src/adapters/bullmq/queue.ts";
import { queueContract } from "./queue.contract.ts";
import { type RedisServer, startRedis } from "./queue-redis-server.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

queueContract("on BullMQ", () => {
  const prefix = `{${randomUUID()}}`;
  return Promise.resolve({
    open: () => createBullmqQueue({ url: redis.url, prefix, onError: () => undefined }),
    dispose: () => Promise.resolve(),
  });
});
