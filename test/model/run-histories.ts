import { asyncProperty, check } from "fast-check";
import { checkHistory } from "./check-history.ts";
import { type CoverageCounts, createCoverage } from "./coverage.ts";
import { aHistory } from "./history.ts";
import { createSharedCheckouts } from "./shared-checkouts.ts";

export type Run = {
  histories: number;
  seed: number;
  /** Where fast-check found a counterexample, to play that one alone. */
  path?: string;
  /** Tells in the story what the workers log as well. */
  detailed?: boolean;
  /** Stops at the first history that ends badly, without looking for a shorter one. */
  first?: boolean;
};

export type Outcome = {
  seed: number;
  path: string | undefined;
  story: string | undefined;
  played: number;
  coverage: CoverageCounts;
};

/** Plays so many histories and answers with the story of the shortest one that ends badly, if there is one. */
export async function runHistories({ histories, seed, path, detailed = false, first = false }: Run): Promise<Outcome> {
  const coverage = createCoverage();
  const checkouts = createSharedCheckouts();
  let played = 0;
  const property = asyncProperty(aHistory, async (history) => {
    played += 1;
    await checkHistory(history, coverage, checkouts, detailed);
  });
  const result = await check(property, {
    numRuns: histories,
    seed,
    endOnFailure: first || path !== undefined,
    ...(path === undefined ? {} : { path }),
  });
  checkouts.close();
  const error = result.errorInstance;
  return {
    seed: result.seed,
    path: result.counterexamplePath ?? undefined,
    story: result.failed ? (error instanceof Error ? error.message : String(error)) : undefined,
    played,
    coverage: coverage.counts(),
  };
}
