import { type Job, QueueEvents, type QueueEventsListener, UnrecoverableError, WaitingError, Worker } from "bullmq";
import type { Announcement, Cause, Handler } from "../../ports/queue.ts";
import { FailureError } from "../../preview/failure.ts";
import { type PreviewKey, sameKey } from "../../preview/key.ts";
import { backoffMs } from "./backoff.ts";
import { workerConnection } from "./connection.ts";
import { readAnnouncement, readKey } from "./payloads.ts";
import { type RunningJob, RunningJobs } from "./running-jobs.ts";

export type ConsumerOptions = {
  url: string;
  name: string;
  prefix: string;
  concurrency?: number;
  shutdownGraceMs?: number;
  handler: Handler;
  onAnnouncement(announcement: Announcement): boolean;
  /** Asks for one more job of this key after the one that runs. */
  lookAgain(key: PreviewKey, cause: Cause): Promise<void>;
  /** Whether one waits for the running job of this key to end. */
  hasSuccessor(key: PreviewKey): Promise<boolean>;
  onError: (error: Error) => void;
};

const lockMs = 8_000;

type Announcements = QueueEventsListener & { announcement: (args: { announcement?: string }) => void };

/** Runs the handler for each job until the returned function is called; that hands running jobs back. */
export async function consume(options: ConsumerOptions): Promise<() => Promise<void>> {
  const jobs = new RunningJobs();
  const connection = workerConnection(options.url);
  connection.on("error", options.onError);
  const common = { connection, prefix: options.prefix, skipVersionCheck: true };

  const worker = new Worker<unknown, void>(options.name, (job, token) => run(job, token, jobs, options), {
    ...common,
    autorun: false,
    concurrency: options.concurrency ?? 4,
    // A killed worker's jobs run again after about 7 s.
    lockDuration: lockMs,
    stalledInterval: 3_000,
    maxStalledCount: 5,
    drainDelay: 5,
    runRetryDelay: 1_000,
    settings: { backoffStrategy: (failuresInARow, _type, error) => backoffMs(failuresInARow, error) },
  });
  worker.on("error", options.onError);
  worker.on("lockRenewalFailed", (jobIds) => {
    for (const id of jobIds) jobs.stop((job) => job.id === id, "lock lost");
  });
  worker.on("failed", (job) => {
    if (job !== undefined) promoteIfSuperseded(job, options).catch(options.onError);
  });

  const events = new QueueEvents(options.name, { ...common, autorun: false });
  events.on("error", options.onError);
  events.on<Announcements>("announcement", (args: { announcement?: string }) => {
    const announcement = readAnnouncement(args.announcement);
    if (announcement === undefined || !jobs.has(announcement.key)) return;
    if (options.onAnnouncement(announcement)) jobs.stop((job) => sameKey(job.key, announcement.key), "announcement");
  });

  await Promise.all([worker.waitUntilReady(), events.waitUntilReady()]);
  worker.run().catch(options.onError);
  events.run().catch(options.onError);

  let closing: Promise<void> | undefined;
  return () => {
    closing ??= close(worker, jobs, options)
      .catch(options.onError)
      .then(() => events.close())
      .catch(options.onError)
      .finally(() => connection.disconnect());
    return closing;
  };
}

async function run(
  job: Job<unknown, void>,
  token: string | undefined,
  jobs: RunningJobs,
  options: ConsumerOptions,
): Promise<void> {
  const key = readKey(job.data);
  if (key === undefined) throw new UnrecoverableError("the job carries no key");
  const current = jobs.add(job.id ?? "", key);
  try {
    // A job that was on its way when the consumer closed is not begun.
    if (current.stop === undefined) await options.handler(key, current.abort.signal);
  } catch (error) {
    // What a stopped handler throws tells nothing but that it stopped.
    if (current.stop === undefined && (await isTriedAgain(error, key, options))) {
      if (await isOurs(job, token)) throw error;
      // It went to another worker while this one was stopped, and what was said here since may contradict that one.
      await options.lookAgain(key, "check");
    }
  } finally {
    await finish(job, token, current, options).finally(() => jobs.remove(current));
  }
}

async function finish(
  job: Job<unknown, void>,
  token: string | undefined,
  current: RunningJob,
  options: ConsumerOptions,
): Promise<void> {
  if (current.stop === "announcement") {
    // The announcement may have overtaken its own job, and this job be that one: the head it looked at was an older
    // one that GitHub still showed. One look too many costs little, one too few leaves an old preview.
    await options.lookAgain(current.key, "change");
  }
  if (current.stop === "shutdown") {
    await job.moveToWait(token);
    throw new WaitingError("handed back");
  }
}

/** Whether it is to be tried again later: not where a newer job is due at once. Throws what makes BullMQ give up. */
async function isTriedAgain(error: unknown, key: PreviewKey, options: ConsumerOptions): Promise<boolean> {
  if (!(error instanceof FailureError) || error.failure.kind !== "transient") {
    options.onError(error instanceof Error ? error : new Error(String(error)));
    throw new UnrecoverableError(error instanceof Error ? error.message : String(error));
  }
  return !(await options.hasSuccessor(key));
}

/** Whether this worker holds the job still: a lock may be lost for a while before anybody says so. */
async function isOurs(job: Job<unknown, void>, token: string | undefined): Promise<boolean> {
  return (await job.extendLock(token ?? "", lockMs)) === 1;
}

/** A job asked for while this one was failing would wait out its back-off. */
async function promoteIfSuperseded(job: Job<unknown, void>, options: ConsumerOptions): Promise<void> {
  const key = readKey(job.data);
  if (key === undefined || !(await options.hasSuccessor(key))) return;
  if (await job.isDelayed()) await job.promote();
}

/**
 * Takes no more jobs, stops those that run and waits until they are back in the queue. Whatever does not stop in time
 * is run again by another worker once its lock has run out.
 */
async function close(worker: Worker<unknown, void>, jobs: RunningJobs, options: ConsumerOptions): Promise<void> {
  await worker.pause(true);
  jobs.stopAll("shutdown");
  const inTime = await jobs.idle(options.shutdownGraceMs ?? 25_000);
  await worker.close(!inTime);
}
