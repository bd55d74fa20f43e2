import type { StageStatus } from "../preview/preview.ts";
import type { Clock } from "../ports/clock.ts";

/** Measures how long the stages of one attempt take, in seconds. */
export type Stages = {
  measure<T>(name: StageStatus["name"], work: () => Promise<T>): Promise<T>;
  finished(): StageStatus[];
};

export function measureStages(clock: Clock): Stages {
  const done: StageStatus[] = [];
  return {
    async measure(name, work) {
      const started = clock.now().getTime();
      const value = await work();
      done.push({ name, seconds: (clock.now().getTime() - started) / 1_000 });
      return value;
    },
    finished: () => [...done],
  };
}
