import { AsyncLocalStorage } from "node:async_hooks";
import type { FakeClock } from "../fakes/clock.ts";
import type { Process } from "./process.ts";
import type { Random } from "./random.ts";

export type Moment = "before" | "after";

/** A place in the pipeline where a process can be stopped: before or after one call of one port. */
export type Turn = { process: Process; call: string; moment: Moment };

type Waiting = { turn: Turn; held: boolean; go(): void };

/**
 * Lets one call of one process go on at a time, chosen by the seed, and time pass only when nothing else can happen.
 * So all that happens at once in reality happens here in some order, and in the same one each time.
 */
export type Turns = {
  /** Resolves when it is this call's turn. */
  take(turn: Turn): Promise<void>;
  /** Runs what the world does for a call: nobody else's turn comes until it has ended or waits for time to pass. */
  inside<T>(process: Process, work: () => Promise<T>): Promise<T>;
  /** Inside of a call: lets time pass. What a dead process had begun never goes on. */
  pass(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** The process whose call the world works on. */
  current(): Process | undefined;
  /** One turn, or the next moment at which something waits to go on; false where nothing is left to happen. */
  step(): Promise<boolean>;
  settle(): Promise<void>;
};

export function createTurns(clock: FakeClock, random: Random): Turns {
  const waiting: Waiting[] = [];
  const inside = new AsyncLocalStorage<Process>();
  let working = 0;

  const settle = async (): Promise<void> => {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (working === 0) return;
    }
  };
  const during = async <T>(work: () => Promise<T>): Promise<T> => {
    working += 1;
    try {
      return await work();
    } finally {
      working -= 1;
    }
  };

  return {
    settle,
    current: () => inside.getStore(),
    take: (turn) =>
      new Promise((resolve) => {
        // Now and then an answer takes its time, so that others overtake.
        const slow = random.chance(0.03);
        const entry: Waiting = { turn, held: slow, go: resolve };
        waiting.push(entry);
        if (!slow) return;
        const release = (): void => {
          entry.held = false;
        };
        void clock.wait(1_000 + random.below(14_000), new AbortController().signal).then(release);
      }),
    inside: (process, work) => during(() => inside.run(process, work)),
    async pass(milliseconds, signal) {
      const process = inside.getStore();
      working -= 1;
      try {
        await clock.wait(milliseconds, signal);
      } finally {
        await process?.awake();
        working += 1;
      }
    },
    async step() {
      await settle();
      const able = waiting.filter(({ turn, held }) => !held && turn.process.state() === "running");
      // The oldest goes first in half of the cases: usually things happen in the order in which they were begun.
      const chosen = able[random.chance(0.5) ? 0 : random.below(able.length)];
      if (chosen === undefined) {
        const due = clock.nextDue();
        if (due === undefined) return false;
        await clock.advance(due);
        await settle();
        return true;
      }
      waiting.splice(waiting.indexOf(chosen), 1);
      chosen.go();
      await settle();
      return true;
    },
  };
}
