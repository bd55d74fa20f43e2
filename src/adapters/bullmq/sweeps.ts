import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Queue as BullQueue, Worker } from "bullmq";
import type { Sweeps } from "../../ports/sweeps.ts";
import { commandConnection, createStore, reopening, workerConnection } from "./connection.ts";

export type SweepsOptions = {
  /** `redis://` or `rediss://` address of Redis or Valkey. */
  url: string;
  name?: string;
  /** Part of every key in the store; the braces keep them together in a cluster. */
  prefix?: string;
  /** How often each worker looks whether the store still remembers. */
  checkMs?: number;
  /** How long a running sweep may take to stop. */
  shutdownGraceMs?: number;
  /** Told of trouble that nobody waits for, and of what a sweep throws. */
  onError: (error: Error) => void;
};

const shortestMemoryMs = 600_000;

/**
 * Sweeps by a job scheduler on BullMQ. A key of the store, the epoch, stands for its memory: where it is missing, the
 * store is new or was emptied, and whichever worker sees that first puts everything back. It also runs out when no sweep
 * has begun for long, so that a chain of scheduled jobs that broke is mended the same way.
 */
export function createBullmqSweeps(options: SweepsOptions): Sweeps {
  const name = options.name ?? "sweep";
  const prefix = options.prefix ?? "{greenroom}";
  const epochKey = `${prefix}:${name}:epoch`;

  return {
    async run(intervalMs, sweep) {
      const redis = commandConnection(options.url);
      redis.on("error", options.onError);
      const store = createStore(redis);
      const opened = reopening(async () => {
        const queue = new BullQueue(name, { connection: redis, prefix, skipVersionCheck: true });
        queue.on("error", options.onError);
        await queue.waitUntilReady();
        return queue;
      });
      const memorySeconds = Math.ceil(Math.max(shortestMemoryMs, intervalMs * 10) / 1_000);

      /** Asks for a sweep at once and for all later ones. Done twice, it is as if it had been done once. */
      const begin = async (): Promise<void> => {
        const queue = await opened();
        await queue.setGlobalConcurrency(1);
        const job = { removeOnComplete: true, removeOnFail: { count: 10 }, keepLogs: 0, stackTraceLimit: 1 };
        const repeat = { every: intervalMs, startDate: Date.now() + intervalMs };
        await queue.upsertJobScheduler("sweep", repeat, { name: "sweep", opts: job });
        await queue.add("sweep", {}, { ...job, jobId: randomUUID(), deduplication: { id: "at once" } });
        // Last: a worker that dies before this leaves it to the next one.
        await redis.set(epochKey, randomUUID(), "EX", memorySeconds, "NX");
      };
      const renew = () => store.run(async () => ((await redis.get(epochKey)) === null ? await begin() : undefined));
      const epoch = () =>
        store.run(async () => {
          await redis.expire(epochKey, memorySeconds);
          // Without one the store has just lost its memory, and nothing that is done now counts as remembered.
          return (await redis.get(epochKey)) ?? randomUUID();
        });

      const runner = startRunner({ ...options, name, prefix }, async (signal) => sweep(await epoch(), signal));
      const ended = new AbortController();
      const checking = (async () => {
        await store.run(begin).catch(options.onError);
        while (!ended.signal.aborted) {
          await wait(options.checkMs ?? 3_000, undefined, { signal: ended.signal }).catch(() => undefined);
          if (!ended.signal.aborted) await renew().catch(options.onError);
        }
      })();
      return async () => {
        ended.abort();
        await runner.stop();
        await checking;
        const queue = await opened.current()?.catch(() => undefined);
        await queue?.close();
        redis.disconnect();
      };
    },
  };
}

type RunnerOptions = SweepsOptions & { name: string; prefix: string };

/** Takes sweeps from the queue, one at a time. */
function startRunner(options: RunnerOptions, sweep: (signal: AbortSignal) => Promise<void>) {
  const connection = workerConnection(options.url);
  connection.on("error", options.onError);
  let running: { abort: AbortController; done: Promise<void> } | undefined;
  const worker = new Worker<unknown, void>(
    options.name,
    async () => {
      const abort = new AbortController();
      const done = sweep(abort.signal).catch((error: unknown) => {
        if (!abort.signal.aborted) options.onError(error instanceof Error ? error : new Error(String(error)));
      });
      running = { abort, done };
      await done;
      running = undefined;
    },
    {
      connection,
      prefix: options.prefix,
      skipVersionCheck: true,
      autorun: false,
      concurrency: 1,
      // A killed worker's sweep runs again after about 7 s.
      lockDuration: 8_000,
      stalledInterval: 3_000,
      maxStalledCount: 5,
      drainDelay: 5,
      runRetryDelay: 1_000,
    },
  );
  worker.on("error", options.onError);
  worker.on("lockRenewalFailed", () => running?.abort.abort(new Error("stopped: lock lost")));
  worker
    .waitUntilReady()
    .then(() => worker.run())
    .catch(options.onError);

  return {
    async stop(): Promise<void> {
      try {
        await worker.pause(true);
        running?.abort.abort(new Error("stopped: shutdown"));
        const late = wait(options.shutdownGraceMs ?? 10_000, "late" as const);
        const end = await Promise.race([running?.done, late]);
        await worker.close(end === "late");
      } catch (error) {
        options.onError(error instanceof Error ? error : new Error(String(error)));
      } finally {
        connection.disconnect();
      }
    },
  };
}
