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

export function createCoverage(): Coverage {
  const intents = new Map<string, number>();
  const crashes = new Map<string, number>();
  const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    expect(calls) {
      for (const call of calls)
        for (const moment of moments) crashes.set(`${moment} ${call}`, crashes.get(`${moment} ${call}`) ?? 0);
    },
    decided: (intent) => count(intents, intent),
    crashed: (call, moment) => count(crashes, `${moment} ${call}`),
    counts: () => ({ intents: Object.fromEntries(intents), crashes: Object.fromEntries(crashes) }),
  };
}
