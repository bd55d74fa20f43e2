import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Queue as BullQueue, UnrecoverableError, WaitingError, Worker, type Job } from "bullmq";
import type { Press, Presses } from "../../ports/presses.ts";
import { FailureError } from "../../preview/failure.ts";
import { backoffMs } from "./backoff.ts";
import { commandConnection, createStore, reopening, workerConnection } from "./connection.ts";
import { readPress } from "./payloads.ts";

export type PressesOptions = {
  /** `redis://` or `rediss://` address of Redis or Valkey. */
  url: string;
  prefix?: string;
  /** How long running handlers may take to stop when the consumer is closed. */
  shutdownGraceMs?: number;
  /** Told of trouble that nobody waits for. */
  onError: (error: Error) => void;
};

const name = "presses";
const concurrency = 10;

/** Presses on BullMQ: one job for each, however often GitHub delivers it while it waits. */
export function createBullmqPresses(options: PressesOptions): Presses {
  const prefix = options.prefix ?? "{greenroom}";
  const redis = commandConnection(options.url);
  redis.on("error", options.onError);
  const store = createStore(redis);
  const opened = reopening(async () => {
    const jobs = new BullQueue(name, { connection: redis, prefix, skipVersionCheck: true });
    jobs.on("error", options.onError);
    await jobs.waitUntilReady();
    return jobs;
  });

  return {
    add: (press) =>
      store.run(async () => {
        const jobs = await opened();
        await jobs.add("press", press, {
          // BullMQ takes no colons in an id.
          jobId: createHash("sha256").update(press.id).digest("hex"),
          attempts: 1_000_000,
          backoff: { type: "transient" },
          removeOnComplete: true,
          removeOnFail: true,
          keepLogs: 0,
          stackTraceLimit: 1,
        });
      }),
    consume: (handler) => consume({ ...options, prefix }, handler),
    async close() {
      const jobs = await opened.current()?.catch(() => undefined);
      await jobs?.close();
      redis.disconnect();
    },
  };
}

type Handler = (press: Press, signal: AbortSignal) => Promise<void>;

async function consume(options: PressesOptions & { prefix: string }, handler: Handler): Promise<() => Promise<void>> {
  const connection = workerConnection(options.url);
  connection.on("error", options.onError);
  const closing = new AbortController();

  const run = async (job: Job<unknown, void>, token: string | undefined): Promise<void> => {
    const press = readPress(job.data);
    if (press === undefined) throw new UnrecoverableError("the job carries no press");
    try {
      await handler(press, closing.signal);
    } catch (error) {
      if (closing.signal.aborted) {
        await job.moveToWait(token);
        throw new WaitingError("handed back");
      }
      if (error instanceof FailureError && error.failure.kind === "transient") throw error;
      options.onError(error instanceof Error ? error : new Error(String(error)));
      throw new UnrecoverableError(String(error));
    }
  };
  const worker = new Worker<unknown, void>(name, run, {
    connection,
    prefix: options.prefix,
    skipVersionCheck: true,
    autorun: false,
    concurrency,
    // A killed worker's presses are handled again after about 7 s.
    lockDuration: 8_000,
    stalledInterval: 3_000,
    maxStalledCount: 5,
    drainDelay: 5,
    runRetryDelay: 1_000,
    settings: { backoffStrategy: (failuresInARow, _type, error) => backoffMs(failuresInARow, error) },
  });
  worker.on("error", options.onError);
  await worker.waitUntilReady();
  worker.run().catch(options.onError);

  return async () => {
    try {
      await worker.pause(true);
      closing.abort(new Error("stopped: shutdown"));
      const end = await Promise.race([
        worker.close(),
        wait(options.shutdownGraceMs ?? 10_000, "late" as const, { ref: false }),
      ]);
      if (end === "late") await worker.close(true);
    } catch (error) {
      options.onError(error instanceof Error ? error : new Error(String(error)));
    } finally {
      connection.disconnect();
    }
  };
}
