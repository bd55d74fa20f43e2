import type { Clock } from "../../src/ports/clock.ts";

/** What happened, in the words of somebody who looked on. */
export type Story = {
  /** From now on each line has the time of this clock. */
  follow(clock: Pick<Clock, "now">): void;
  tell(line: string): void;
  /** What only matters to whoever looks for the cause. */
  detail(line: string): void;
  lines(detailed: boolean): string[];
};

export function createStory(): Story {
  let clock: Pick<Clock, "now"> | undefined;
  const told: { at: Date | undefined; line: string; detail: boolean }[] = [];
  const add = (line: string, detail: boolean): void => {
    told.push({ at: clock?.now(), line, detail });
  };
  return {
    follow: (followed) => {
      clock = followed;
    },
    tell: (line) => add(line, false),
    detail: (line) => add(line, true),
    lines(detailed) {
      const start = told.find(({ at }) => at !== undefined)?.at?.getTime() ?? 0;
      return told
        .filter(({ detail }) => detailed || !detail)
        .map(({ at, line, detail }, index) => {
          const seconds = ((at?.getTime() ?? start) - start) / 1_000;
          return `${String(index + 1).padStart(4)}. ${`${seconds.toFixed(1)} s`.padStart(10)}  ${detail ? "    " : ""}${line}`;
        });
    },
  };
}
