import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../ports/clock.ts";

/** This machine's clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  wait: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
};
