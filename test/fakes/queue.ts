import type { Announcement, Cause, Handler, Queue } from "../../src/ports/queue.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { FailureError } from "../../src/preview/failure.ts";
import { type PreviewKey, keyString } from "../../src/preview/key.ts";

export type FakeQueueOptions = {
  clock: Clock;
  /** Jobs one consumer runs at the same time. */
  concurrency?: number;
  /** Back-off in milliseconds after so many failures in a row. */
  backoffMs?: (failuresInARow: number) => number;
};

/** The queue in memory: one store, any number of consumers. */
export type FakeQueue = Queue & {
  /** While it is down, nothing can be enqueued or announced. */
  setDown(down: boolean): void;
  /** Loses everything, as an emptied Redis does; running jobs lose their locks. */
  flush(): void;
  /**
   * What a consumer's death, or its long sleep, means to the store: it takes no more jobs, and once the locks of those
   * it has have run out, they wait for another consumer. Whatever its handlers do afterwards is nobody's business any
   * more. The returned function wakes it up.
   */
  stall(handler: Handler): () => void;
  /** Keys that wait for their turn or for their back-off. */
  pending(): string[];
  /** Keys that run. */
  active(): string[];
};

/** How long a job stays with a consumer that gives no sign of life. */
const lockMs = 8_000;

type Stop = "announcement" | "lock lost" | "shutdown";
type Running = { abort: AbortController; consumer: Consumer; stop?: Stop };
type Consumer = { handler: Handler; onAnnouncement(announcement: Announcement): boolean; busy: number; open: boolean };
type Entry = {
  key: PreviewKey;
  state: "waiting" | "delayed" | "running";
  failures: number;
  /** Asked for again while it runs. */
  next: boolean;
  running?: Running;
  /** Ends the back-off before its time. */
  wake?: AbortController;
};

export function createFakeQueue(options: FakeQueueOptions): FakeQueue {
  const entries = new Map<string, Entry>();
  const consumers = new Set<Consumer>();
  const ending = new Set<Promise<void>>();
  const backoffMs = options.backoffMs ?? ((failures) => Math.min(300_000, 1_000 * 2 ** (failures - 1)));
  let down = false;

  const refuseIfDown = () => {
    if (!down) return;
    throw new FailureError({
      kind: "transient",
      code: "queue-unavailable",
      what: "The store is down.",
      remedy: "Wait.",
    });
  };

  function pump(): void {
    for (const entry of entries.values()) {
      if (entry.state !== "waiting") continue;
      const consumer = [...consumers].find((one) => one.open && one.busy < (options.concurrency ?? 4));
      if (consumer === undefined) return;
      const running = run(entry, consumer);
      ending.add(running);
      void running.finally(() => ending.delete(running));
    }
  }

  async function run(entry: Entry, consumer: Consumer): Promise<void> {
    const running: Running = { abort: new AbortController(), consumer };
    entry.state = "running";
    entry.running = running;
    consumer.busy += 1;
    let error: unknown;
    let failed = false;
    try {
      await consumer.handler(entry.key, running.abort.signal);
    } catch (thrown) {
      error = thrown;
      failed = true;
    }
    consumer.busy -= 1;
    // A flush dropped the entry, or another consumer has it: what this run did is nobody's any more.
    if (entries.get(keyString(entry.key)) === entry && entry.running === running) {
      delete entry.running;
      settle(entry, running.stop, failed ? error : undefined);
    } else if (isTransient(error)) {
      // What it did since somebody else has the job may contradict that one.
      await enqueue(entry.key, "check").catch(() => undefined);
    }
    pump();
  }

  function settle(entry: Entry, stop: Stop | undefined, error: unknown): void {
    if (stop === "shutdown" || stop === "announcement" || entry.next) {
      wait(entry, 0);
    } else if (isTransient(error) && stop === undefined) {
      entry.failures += 1;
      const asked = (error.failure.retryAfterSeconds ?? 0) * 1_000;
      delay(entry, Math.max(asked, backoffMs(entry.failures)));
    } else {
      entries.delete(keyString(entry.key));
    }
  }

  function wait(entry: Entry, failures: number): void {
    entry.wake?.abort();
    delete entry.wake;
    entry.state = "waiting";
    entry.next = false;
    entry.failures = failures;
  }

  function delay(entry: Entry, milliseconds: number): void {
    const wake = new AbortController();
    entry.state = "delayed";
    entry.wake = wake;
    const end = () => {
      if (entry.wake !== wake) return;
      wait(entry, entry.failures);
      pump();
    };
    void options.clock.wait(milliseconds, wake.signal).then(end, () => undefined);
  }

  async function enqueue(key: PreviewKey, cause: Cause): Promise<void> {
    refuseIfDown();
    const entry = entries.get(keyString(key));
    if (entry === undefined) {
      entries.set(keyString(key), { key, state: "waiting", failures: 0, next: false });
    } else if (entry.state === "running") {
      entry.next = true;
    } else if (entry.state === "delayed" && cause === "change") {
      wait(entry, 0);
    }
    await Promise.resolve();
    pump();
  }

  return {
    enqueue,
    async announce(announcement) {
      refuseIfDown();
      await Promise.resolve();
      const running = entries.get(keyString(announcement.key))?.running;
      if (running === undefined || !running.consumer.onAnnouncement(announcement)) return;
      running.stop ??= "announcement";
      running.abort.abort(new Error("stopped: announcement"));
    },
    async consume(handler, onAnnouncement) {
      const consumer: Consumer = { handler, onAnnouncement, busy: 0, open: true };
      consumers.add(consumer);
      await Promise.resolve();
      pump();
      return async () => {
        consumer.open = false;
        consumers.delete(consumer);
        for (const { running } of entries.values()) {
          if (running?.consumer !== consumer) continue;
          running.stop ??= "shutdown";
          running.abort.abort(new Error("stopped: shutdown"));
        }
        while (consumer.busy > 0) await Promise.race(ending);
      };
    },
    close: () => Promise.resolve(),
    setDown: (value) => {
      down = value;
    },
    flush() {
      const all = [...entries.values()];
      entries.clear();
      for (const entry of all) {
        entry.wake?.abort();
        if (entry.running === undefined) continue;
        entry.running.stop ??= "lock lost";
        entry.running.abort.abort(new Error("stopped: lock lost"));
      }
    },
    stall(handler) {
      const awake = new AbortController();
      for (const consumer of consumers) if (consumer.handler === handler) consumer.open = false;
      for (const entry of entries.values()) {
        const { running } = entry;
        if (running?.consumer.handler !== handler) continue;
        const expire = () => {
          running.stop ??= "lock lost";
          running.abort.abort(new Error("stopped: lock lost"));
          if (entry.running !== running) return;
          delete entry.running;
          wait(entry, entry.failures);
          pump();
        };
        void options.clock.wait(lockMs, awake.signal).then(expire, () => undefined);
      }
      return () => {
        awake.abort();
        for (const consumer of consumers) if (consumer.handler === handler) consumer.open = true;
        pump();
      };
    },
    pending: () => keysIn(entries, "waiting", "delayed"),
    active: () => keysIn(entries, "running"),
  };
}

function isTransient(error: unknown): error is FailureError {
  return error instanceof FailureError && error.failure.kind === "transient";
}

function keysIn(entries: ReadonlyMap<string, Entry>, ...states: Entry["state"][]): string[] {
  return [...entries].filter(([, entry]) => states.includes(entry.state)).map(([name]) => name);
}
