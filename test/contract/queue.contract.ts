import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Announcement, Queue } from "../../src/ports/queue.ts";
import { FailureError } from "../../src/preview/failure.ts";
import { type PreviewKey, keyString } from "../../src/preview/key.ts";

/** A store that several queues, in different processes for all they know, can be opened on. */
export type QueueHarness = { open(): Queue; dispose(): Promise<void> };

const key = (number: number): PreviewKey => ({ installation: 7, repository: { id: 42, nodeId: "R_42" }, number });

/** One run of a handler, ended by the test. */
type Run = { key: string; at: number; signal: AbortSignal; end(error?: unknown): void };

const failure = (kind: "transient" | "user", retryAfterSeconds?: number) =>
  new FailureError({ kind, code: "x", what: "x", remedy: "x", ...(retryAfterSeconds ? { retryAfterSeconds } : {}) });

/** What every queue has to do. */
export function queueContract(name: string, start: () => Promise<QueueHarness>): void {
  describe(`the queue ${name}`, () => {
    let harness: QueueHarness;
    let queue: Queue;
    const closing: (() => Promise<void>)[] = [];

    beforeEach(async () => {
      harness = await start();
      queue = open();
    });
    afterEach(async () => {
      for (const close of closing.splice(0).toReversed()) await close();
      await harness.dispose();
    });

    const open = () => {
      const opened = harness.open();
      closing.push(() => opened.close());
      return opened;
    };

    /** Consumes with a handler whose runs end when the test says so, or when they are aborted. */
    const consume = async (from: Queue, onAnnouncement: (announcement: Announcement) => boolean = () => true) => {
      const runs: Run[] = [];
      const watchers = new Set<() => void>();
      const stop = await from.consume(
        (asked, signal) =>
          new Promise((resolve, reject) => {
            const end = (error?: unknown) => (error instanceof Error ? reject(error) : resolve());
            signal.addEventListener("abort", () => resolve());
            runs.push({ key: keyString(asked), at: performance.now(), signal, end });
            for (const watch of watchers) watch();
          }),
        onAnnouncement,
      );
      closing.push(stop);
      /** Resolves with the n-th run, counted from 0, as soon as it has started. */
      const nth = async (n: number): Promise<Run> => {
        for (;;) {
          const run = runs[n];
          if (run !== undefined) return run;
          await new Promise<void>((resolve) => watchers.add(resolve));
        }
      };
      return { runs, nth, stop };
    };

    /** Runs everything that is due now: a marker that went in last has been through. */
    const drain = async (consumer: Awaited<ReturnType<typeof consume>>, marker: number) => {
      await queue.enqueue(key(marker), "check");
      for (let n = 0; ; n++) {
        const run = await consumer.nth(n);
        run.end();
        if (run.key === keyString(key(marker))) return;
      }
    };

    test("a job is its key", async () => {
      const { nth } = await consume(queue);
      await queue.enqueue(key(1), "change");
      const run = await nth(0);
      expect([run.key, run.signal.aborted]).toEqual(["42/1", false]);
    });

    test("what is asked before anybody consumes is kept, once per key", async () => {
      for (const cause of ["change", "check", "change"] as const) await queue.enqueue(key(1), cause);
      await queue.enqueue(key(2), "check");
      const consumer = await consume(queue);
      await drain(consumer, 99);
      expect(consumer.runs.map((run) => run.key)).toEqual(["42/1", "42/2", "42/99"]);
    });

    test("however often it is asked for while it runs, it runs once more", async () => {
      const consumer = await consume(queue);
      await queue.enqueue(key(1), "change");
      const first = await consumer.nth(0);
      for (let n = 0; n < 5; n++) await queue.enqueue(key(1), n % 2 === 0 ? "change" : "check");
      expect(consumer.runs).toHaveLength(1);
      first.end();
      (await consumer.nth(1)).end();
      await drain(consumer, 99);
      expect(consumer.runs.map((run) => run.key)).toEqual(["42/1", "42/1", "42/99"]);
    });

    test("different keys run at the same time, the same key never, whoever consumes", async () => {
      const first = await consume(queue);
      const second = await consume(open());
      await queue.enqueue(key(1), "change");
      await queue.enqueue(key(2), "change");
      await queue.enqueue(key(1), "change");
      await Promise.race([first.nth(1), second.nth(1), Promise.all([first.nth(0), second.nth(0)])]);
      expect([...first.runs, ...second.runs].map((run) => run.key).sort()).toEqual(["42/1", "42/2"]);
    });

    test("an announcement stops the job it makes pointless, which is looked at once more", async () => {
      const heard: Announcement[] = [];
      const other = open();
      const consumer = await consume(queue, (announcement) => heard.push(announcement) > 0);
      await queue.enqueue(key(1), "change");
      await queue.enqueue(key(2), "change");
      const [one, two] = [await consumer.nth(0), await consumer.nth(1)];
      const announcement = { key: key(1), head: "b".repeat(40), closed: false };
      await other.announce({ ...announcement, key: key(3) });
      await other.announce(announcement);
      const stopped = one.key === "42/1" ? one : two;
      await once(stopped.signal);
      expect(heard).toEqual([announcement]);
      expect([one, two].filter((run) => run.signal.aborted)).toEqual([stopped]);
      expect((await consumer.nth(2)).key).toBe("42/1");
    });

    test("an announcement that changes nothing stops nothing", async () => {
      const heard: Announcement[] = [];
      const consumer = await consume(queue, (announcement) => heard.push(announcement) > 2);
      await queue.enqueue(key(1), "change");
      const run = await consumer.nth(0);
      for (let n = 0; n < 3; n++) {
        expect(run.signal.aborted).toBe(false);
        await queue.announce({ key: key(1), head: undefined, closed: n === 2 });
      }
      await once(run.signal);
      expect(heard.map((announcement) => announcement.closed)).toEqual([false, false, true]);
    });

    test("a transient failure is tried again after a pause that grows", async () => {
      const { nth } = await consume(queue);
      await queue.enqueue(key(1), "change");
      const first = await nth(0);
      first.end(failure("transient"));
      const second = await nth(1);
      second.end(failure("transient"));
      const third = await nth(2);
      expect(second.at - first.at).toBeGreaterThan(400);
      expect(third.at - second.at).toBeGreaterThan(900);
    });

    test("a pause is as long as the other side asked for", async () => {
      const { nth } = await consume(queue);
      await queue.enqueue(key(1), "change");
      const first = await nth(0);
      first.end(failure("transient", 2));
      expect((await nth(1)).at - first.at).toBeGreaterThan(1_900);
    });

    test("a change does not wait out an older pause, a check does", async () => {
      const consumer = await consume(queue);
      await queue.enqueue(key(1), "change");
      (await consumer.nth(0)).end(failure("transient", 600));
      await drain(consumer, 98);
      await queue.enqueue(key(1), "check");
      await drain(consumer, 99);
      expect(consumer.runs.map((run) => run.key)).toEqual(["42/1", "42/98", "42/99"]);
      await queue.enqueue(key(1), "change");
      expect((await consumer.nth(3)).key).toBe("42/1");
    });

    test("what was asked for while a failing job ran does not wait either", async () => {
      const consumer = await consume(queue);
      await queue.enqueue(key(1), "change");
      const first = await consumer.nth(0);
      await queue.enqueue(key(1), "change");
      first.end(failure("transient", 600));
      expect((await consumer.nth(1)).key).toBe("42/1");
    });

    test("other failures are not tried again", async () => {
      const consumer = await consume(queue);
      await queue.enqueue(key(1), "change");
      (await consumer.nth(0)).end(failure("user"));
      await queue.enqueue(key(2), "change");
      (await consumer.nth(1)).end(new Error("bug"));
      await drain(consumer, 99);
      await drain(consumer, 98);
      expect(consumer.runs.map((run) => run.key)).toEqual(["42/1", "42/2", "42/99", "42/98"]);
      await queue.enqueue(key(1), "check");
      expect((await consumer.nth(4)).key).toBe("42/1");
    });

    test("a consumer that closes hands its jobs to another", async () => {
      const leaving = await consume(queue);
      await queue.enqueue(key(1), "change");
      const first = await leaving.nth(0);
      const staying = await consume(open());
      const before = performance.now();
      await leaving.stop();
      expect(first.signal.aborted).toBe(true);
      expect((await staying.nth(0)).at - before).toBeLessThan(2_500);
      expect(leaving.runs).toHaveLength(1);
    });
  });
}

async function once(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
}
