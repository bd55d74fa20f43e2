import { randomUUID } from "node:crypto";
import { Queue as BullQueue, QueueEventsProducer } from "bullmq";
import type { Cause, Queue } from "../../ports/queue.ts";
import { type PreviewKey, keyString } from "../../preview/key.ts";
import { commandConnection, createStore, reopening } from "./connection.ts";
import { consume } from "./consumer.ts";

export type QueueOptions = {
  /** `redis://` or `rediss://` address of Redis or Valkey. */
  url: string;
  name?: string;
  /** Part of every key in the store; the braces keep them together in a cluster. */
  prefix?: string;
  /** Jobs that one consumer runs at the same time. */
  concurrency?: number;
  /** How long running handlers may take to stop when the consumer is closed. */
  shutdownGraceMs?: number;
  /** Told of trouble that nobody waits for: lost connections, locks that could not be renewed. */
  onError: (error: Error) => void;
};

/** The queue on BullMQ. `isReady`: the store answers right now. */
export type BullmqQueue = Queue & { isReady(): Promise<boolean> };

const announcementsKept = 1_000;

/** Jobs carry their key alone; `deduplication` keeps one waiting and one running per key. */
export function createBullmqQueue(options: QueueOptions): BullmqQueue {
  const name = options.name ?? "pull-requests";
  const prefix = options.prefix ?? "{greenroom}";
  const redis = commandConnection(options.url);
  redis.on("error", options.onError);
  const store = createStore(redis);
  const common = { connection: redis, prefix, skipVersionCheck: true };

  const opened = reopening(async () => {
    const jobs = new BullQueue(name, { ...common, streams: { events: { maxLen: announcementsKept } } });
    const events = new QueueEventsProducer(name, common);
    jobs.on("error", options.onError);
    events.on("error", options.onError);
    await Promise.all([jobs.waitUntilReady(), events.waitUntilReady()]);
    return { jobs, events };
  });

  const enqueue = (key: PreviewKey, cause: Cause): Promise<void> =>
    store.run(async () => {
      const { jobs } = await opened();
      await jobs.add("reconcile", key, {
        // BullMQ's own ids start again at 1 in an emptied store, and would then name two jobs of one worker.
        jobId: randomUUID(),
        deduplication: { id: keyString(key), keepLastIfActive: true, ...(cause === "change" ? { replace: true } : {}) },
        attempts: 1_000_000,
        backoff: { type: "transient" },
        removeOnComplete: true,
        removeOnFail: { count: 100 },
        keepLogs: 0,
        stackTraceLimit: 1,
      });
    });

  return {
    enqueue,
    announce: (announcement) =>
      store.run(async () => {
        const { events } = await opened();
        await events.publishEvent({ eventName: "announcement", announcement: JSON.stringify(announcement) });
      }),
    consume: (handler, onAnnouncement) =>
      consume({
        ...options,
        name,
        prefix,
        handler,
        onAnnouncement,
        lookAgain: enqueue,
        hasSuccessor: (key) =>
          store.run(async () => {
            const { jobs } = await opened();
            return (await redis.exists(jobs.toKey(`dn:${keyString(key)}`))) === 1;
          }),
      }),
    async isReady() {
      try {
        await store.run(() => redis.ping());
        return true;
      } catch {
        return false;
      }
    },
    async close() {
      const current = await opened.current()?.catch(() => undefined);
      await current?.jobs.close();
      await current?.events.close();
      redis.disconnect();
    },
  };
}
