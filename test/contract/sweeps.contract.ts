import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Sweep, Sweeps } from "../../src/ports/sweeps.ts";

export type SweepsHarness = {
  /** Sweeps of one more worker on the same store. */
  open(): Sweeps;
  /** The store loses its memory. */
  flush(): Promise<void>;
  dispose(): Promise<void>;
};

const seldom = 3_600_000;

/** Sweeps that were run, as something to wait for. */
export function watchedSweep(work: (signal: AbortSignal) => Promise<void> = async () => undefined) {
  const epochs: string[] = [];
  let now = 0;
  let most = 0;
  let notify: (() => void) | undefined;
  const sweep: Sweep = async (epoch, signal) => {
    epochs.push(epoch);
    now += 1;
    most = Math.max(most, now);
    notify?.();
    try {
      await work(signal);
    } finally {
      now -= 1;
    }
  };
  return {
    sweep,
    epochs,
    /** How many ran at the same time at most. */
    most: () => most,
    /** Resolves once it has run so often, with how often that is now. */
    times: async (count: number): Promise<number> => {
      while (epochs.length < count) {
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
      }
      return epochs.length;
    },
  };
}

/** What everything that runs sweeps has to do. */
export function sweepsContract(name: string, start: () => Promise<SweepsHarness>): void {
  describe(`sweeps ${name}`, () => {
    let harness: SweepsHarness;
    const stops: (() => Promise<void>)[] = [];
    beforeEach(async () => {
      harness = await start();
    });
    afterEach(async () => {
      await Promise.all(stops.splice(0).map((stop) => stop()));
      await harness.dispose();
    });
    const run = async (intervalMs: number, sweep: Sweep) => {
      const stop = await harness.open().run(intervalMs, sweep);
      stops.push(stop);
      return stop;
    };

    test("run at once and then at intervals, in one epoch", async () => {
      const { sweep, times, epochs } = watchedSweep();
      await run(200, sweep);
      await times(4);
      expect(new Set(epochs).size).toBe(1);
    });

    test("run one at a time, however many workers there are", async () => {
      const { sweep, times, most } = watchedSweep(() => new Promise((resolve) => setTimeout(resolve, 150)));
      await Promise.all([run(100, sweep), run(100, sweep), run(100, sweep)]);
      await times(8);
      expect(most()).toBe(1);
    });

    test("run again at once when a worker starts, and when the store lost its memory: that is another epoch", async () => {
      const { sweep, times, epochs } = watchedSweep();
      await run(seldom, sweep);
      await times(1);
      await run(seldom, sweep);
      await times(2);
      await harness.flush();
      await times(3);
      expect([epochs[0] === epochs[1], epochs[1] === epochs[2]]).toEqual([true, false]);
    });

    test("go on after one that failed", async () => {
      const { sweep, times } = watchedSweep(() => Promise.reject(new Error("this one failed")));
      await run(100, sweep);
      expect(await times(3)).toBeGreaterThanOrEqual(3);
    });

    test("end with the worker: the one that runs is stopped and waited for", async () => {
      let ended = false;
      const { sweep, times } = watchedSweep(async (signal) => {
        if (!signal.aborted) await once(signal, "abort");
        await Promise.resolve();
        ended = true;
      });
      const stop = await run(seldom, sweep);
      await times(1);
      await stop();
      expect(ended).toBe(true);
      const other = watchedSweep();
      await run(seldom, other.sweep);
      await other.times(1);
    });
  });
}
