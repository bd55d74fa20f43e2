import { Redis } from "ioredis";
import { FailureError } from "../../preview/failure.ts";

/** How long a caller waits for the store before it is told that the store does not answer. */
export const storeDeadlineMs = 3_000;

const reconnectMs = (attempt: number) => Math.min(50 * attempt, 500);

/** A connection for short commands. They fail at once where there is no connection, instead of piling up. */
export function commandConnection(url: string): Redis {
  return new Redis(url, {
    retryStrategy: reconnectMs,
    connectTimeout: 2_000,
    // A peer that takes the bytes and never answers: without this, commands hang for as long as TCP likes.
    socketTimeout: 2_500,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
}

/** A connection for a worker: it waits out an outage, and its longest blocking command is 10 s. */
export function workerConnection(url: string): Redis {
  return new Redis(url, {
    retryStrategy: reconnectMs,
    connectTimeout: 2_000,
    socketTimeout: 12_000,
    maxRetriesPerRequest: null,
  });
}

/** Opens at first use and again after a failure: BullMQ never recovers from one while it opens. */
export function reopening<T>(open: () => Promise<T>): { (): Promise<T>; current(): Promise<T> | undefined } {
  let opening: Promise<T> | undefined;
  const opened = async () => {
    opening ??= open();
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
  return Object.assign(opened, { current: () => opening });
}

/** Runs short commands on a connection that may be away: waits for it, tries again, and gives up at the deadline. */
export type Store = {
  run<T>(command: () => Promise<T>): Promise<T>;
};

export function createStore(redis: Redis, deadlineMs = storeDeadlineMs): Store {
  let ready: Promise<void> | undefined;
  const whenReady = (): Promise<void> => {
    if (redis.status === "ready") return Promise.resolve();
    ready ??= new Promise((resolve) => {
      redis.once("ready", () => {
        ready = undefined;
        resolve();
      });
    });
    return ready;
  };

  /** What is asked here is the same asked twice, so a command whose answer was lost may be sent again. */
  async function insist<T>(command: () => Promise<T>, deadline: AbortSignal): Promise<T> {
    for (;;) {
      await whenReady();
      deadline.throwIfAborted();
      try {
        return await command();
      } catch (error) {
        if (deadline.aborted || redis.status === "ready" || redis.status === "end") throw error;
      }
    }
  }

  return {
    async run(command) {
      const deadline = new AbortController();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          const error = new Error(`no answer within ${deadlineMs} ms`);
          deadline.abort(error);
          reject(error);
        }, deadlineMs);
      });
      try {
        return await Promise.race([insist(command, deadline.signal), late]);
      } catch (error) {
        throw unavailable(error);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function unavailable(cause: unknown): FailureError {
  return new FailureError(
    {
      kind: "transient",
      code: "queue-unavailable",
      what: `The queue's store did not accept the job: ${cause instanceof Error ? cause.message : String(cause)}.`,
      remedy: "It is asked again. If this stays, check that Redis runs and can be reached.",
    },
    { cause },
  );
}
