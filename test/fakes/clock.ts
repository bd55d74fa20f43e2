import type { Clock } from "../../src/ports/clock.ts";

/** A clock that stands still until it is told otherwise. */
export type FakeClock = Clock & {
  /** Lets time pass; every wait that falls due ends in its order, each with its own moment as `now`. */
  advance(milliseconds: number): Promise<void>;
  /** The time as somebody has it whose clock nobody sets. */
  steady(): Date;
  /** Sets the clock without ending any wait: what a corrected system clock does. */
  jump(milliseconds: number): void;
  /** Milliseconds until the next wait ends, or undefined where nothing waits. */
  nextDue(): number | undefined;
};

type Wait = { due: number; end(): void };

export function fakeClock(start = new Date("2026-01-01T00:00:00Z")): FakeClock {
  // Waits run on their own count of elapsed time, which a jump of the wall clock leaves alone.
  let elapsed = 0;
  let offset = start.getTime();
  const waits = new Set<Wait>();
  const next = () => [...waits].sort((a, b) => a.due - b.due)[0];

  return {
    now: () => new Date(offset + elapsed),
    steady: () => new Date(start.getTime() + elapsed),
    wait: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const refuse = () => {
          waits.delete(wait);
          reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
        };
        const wait: Wait = {
          due: elapsed + Math.max(0, milliseconds),
          end: () => {
            waits.delete(wait);
            signal.removeEventListener("abort", refuse);
            resolve();
          },
        };
        if (signal.aborted) return refuse();
        signal.addEventListener("abort", refuse, { once: true });
        waits.add(wait);
      }),
    async advance(milliseconds) {
      const end = elapsed + milliseconds;
      await settled();
      for (let wait = next(); wait !== undefined && wait.due <= end; wait = next()) {
        elapsed = Math.max(elapsed, wait.due);
        wait.end();
        await settled();
      }
      elapsed = end;
    },
    jump: (milliseconds) => {
      offset += milliseconds;
    },
    nextDue: () => {
      const wait = next();
      return wait === undefined ? undefined : Math.max(0, wait.due - elapsed);
    },
  };
}

/** Lets everything that waits for nothing but other promises run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
