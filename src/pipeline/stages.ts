import type { StageStatus } from "../preview/preview.ts";
import type { Clock } from "../ports/clock.ts";

/** Measures how long the stages of one attempt take, in seconds. */
export type Stages = {
  measure<T>(name: StageStatus["name"], work: () => Promise<T>): Promise<T>;
  finished(): StageStatus[];
};

/** Never less than nothing, also where somebody corrects the clock meanwhile. */
export function secondsSince(clock: Clock, startedMs: number): number {
  return Math.max(0, (clock.now().getTime() - startedMs) / 1_000);
}

export function measureStages(clock: Clock): Stages {
  const done: StageStatus[] = [];
  return {
    async measure(name, work) {
      const started = clock.now().getTime();
      const value = await work();
      done.push({ name, seconds: secondsSince(clock, started) });
      return value;
    },
    finished: () => [...done],
  };
}
