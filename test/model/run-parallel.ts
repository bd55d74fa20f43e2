import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type CoverageCounts, mergeCoverage } from "./coverage.ts";
import type { Outcome, Run } from "./run-histories.ts";

/** Plays the histories on all processors; each has its own seed, which its outcome names. */
export async function runParallel(run: Run): Promise<{ outcomes: Outcome[]; coverage: CoverageCounts }> {
  const threads = run.path === undefined ? Math.min(availableParallelism(), 8) : 1;
  const share = Math.ceil(run.histories / threads);
  const outcomes = await Promise.all(
    Array.from({ length: threads }, (_, index) => inThread({ ...run, histories: share, seed: run.seed + index })),
  );
  return { outcomes, coverage: mergeCoverage(outcomes.map(({ coverage }) => coverage)) };
}

function inThread(run: Run): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL("./thread.ts", import.meta.url), { workerData: run });
    thread.once("message", resolve);
    thread.once("error", reject);
  });
}
