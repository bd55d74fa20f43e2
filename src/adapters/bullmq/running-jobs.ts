import { type PreviewKey, sameKey } from "../../preview/key.ts";

/** Why a running job was told to stop. */
export type Stop = "announcement" | "lock lost" | "shutdown";

export type RunningJob = {
  readonly id: string;
  readonly key: PreviewKey;
  readonly abort: AbortController;
  /** The first reason it was stopped for. */
  stop?: Stop;
};

/** The jobs that one consumer runs, and how they are told to stop. */
export class RunningJobs {
  readonly #jobs = new Set<RunningJob>();
  #closing = false;
  #whenIdle: (() => void) | undefined;

  add(id: string, key: PreviewKey): RunningJob {
    const job: RunningJob = { id, key, abort: new AbortController() };
    this.#jobs.add(job);
    if (this.#closing) end(job, "shutdown");
    return job;
  }

  remove(job: RunningJob): void {
    this.#jobs.delete(job);
    if (this.#jobs.size === 0) this.#whenIdle?.();
  }

  has(key: PreviewKey): boolean {
    return [...this.#jobs].some((job) => sameKey(job.key, key));
  }

  stop(which: (job: RunningJob) => boolean, why: Stop): void {
    for (const job of this.#jobs) if (which(job)) end(job, why);
  }

  /** Stops every job, also those that are still to come. */
  stopAll(why: Stop): void {
    this.#closing = true;
    this.stop(() => true, why);
  }

  /** Resolves with true once no job runs, or with false after so many milliseconds. */
  async idle(withinMs: number): Promise<boolean> {
    if (this.#jobs.size === 0) return true;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.#whenIdle = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}

function end(job: RunningJob, why: Stop): void {
  job.stop ??= why;
  job.abort.abort(new Error(`stopped: ${why}`));
}
