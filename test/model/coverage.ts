import type { Intent } from "../../src/preview/decide.ts";
import type { Moment } from "./turns.ts";

/** What a number of histories has been through. */
export type Coverage = {
  expect(calls: readonly string[]): void;
  decided(intent: string): void;
  crashed(call: string, moment: Moment): void;
  counts(): CoverageCounts;
};

export type CoverageCounts = { intents: Record<string, number>; crashes: Record<string, number> };

const moments: readonly Moment[] = ["before", "after"];

const increase = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);

export function createCoverage(): Coverage {
  const intents = new Map<string, number>();
  const crashes = new Map<string, number>();
  return {
    expect(calls) {
      for (const call of calls)
        for (const moment of moments) crashes.set(`${moment} ${call}`, crashes.get(`${moment} ${call}`) ?? 0);
    },
    decided: (intent) => increase(intents, intent),
    crashed: (call, moment) => increase(crashes, `${moment} ${call}`),
    counts: () => ({ intents: Object.fromEntries(intents), crashes: Object.fromEntries(crashes) }),
  };
}

/** Every intent there is: the compiler misses one that is new. */
const everyIntent: Record<Intent["do"], true> = {
  nothing: true,
  tell: true,
  remove: true,
  hold: true,
  wait: true,
  deploy: true,
  sleep: true,
  wake: true,
  "check-health": true,
};

/** Calls that these repositories give no reason for, and why. */
const unreached: Record<string, string> = {
  "pullRequests.changedFiles": "the base branch names no paths",
  "releases.stored": "nobody rolls back in these histories",
  "releases.replacePod": "only broken pods of a StatefulSet are replaced, and the chart has none",
};

export function mergeCoverage(all: readonly CoverageCounts[]): CoverageCounts {
  const sum = (of: (counts: CoverageCounts) => Record<string, number>): Record<string, number> => {
    const total: Record<string, number> = {};
    for (const [name, count] of all.flatMap((each) => Object.entries(of(each))))
      total[name] = (total[name] ?? 0) + count;
    return total;
  };
  return { intents: sum(({ intents }) => intents), crashes: sum(({ crashes }) => crashes) };
}

/** Intents that were never decided and places at which no worker crashed. */
export function uncovered({ intents, crashes }: CoverageCounts): string[] {
  return [
    ...Object.keys(everyIntent).filter((intent) => (intents[intent] ?? 0) === 0),
    ...Object.keys(crashes).filter(
      (place) => crashes[place] === 0 && unreached[place.split(" ")[1] ?? ""] === undefined,
    ),
  ];
}

const list = (counts: Record<string, number>) =>
  Object.entries(counts)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");

/** The counts in a few lines. */
export function coverageLines({ intents, crashes }: CoverageCounts): string[] {
  return [`decided: ${list(intents)}`, `crashed: ${list(crashes)}`];
}
