import fc from "fast-check";
import { checkHistory } from "./check-history.ts";
import { createCoverage } from "./coverage.ts";
import { aHistory } from "./history.ts";

const coverage = createCoverage();
const [runs, seed, path] = process.argv.slice(2);
const ignored = process.env.IGNORE;
const seen = new Map<string, number>();
let n = 0;
const started = Date.now();
const out = await fc.check(
  fc.asyncProperty(aHistory, async (history) => {
    n += 1;
    try {
      await checkHistory(history, coverage, process.env.DETAIL === "1");
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const bad = error.message.split("\n").filter((line) => line.includes("!!"));
      for (const line of bad) seen.set(line.replace(/[0-9a-f]{5,}|#\d|of 4\d|-?\d+-/g, "_"), (seen.get(line) ?? 0) + 1);
      if (ignored !== undefined && bad.every((line) => new RegExp(ignored).test(line))) return;
      throw error;
    }
  }),
  {
    numRuns: Number(runs),
    ...(seed ? { seed: Number(seed) } : {}),
    ...(path ? { path, endOnFailure: true } : {}),
    interruptAfterTimeLimit: 100_000,
  },
);
if (out.failed && out.errorInstance instanceof Error) console.log(out.errorInstance.message.slice(0, 20_000));
console.log(JSON.stringify(out.counterexample), out.seed, out.counterexamplePath, n, Date.now() - started, "ms");
const c = coverage.counts();
console.log(
  c.intents,
  Object.entries(c.crashes)
    .filter(([, v]) => v === 0)
    .map(([k]) => k)
    .join(", "),
);
console.log([...seen].toSorted((a, b) => b[1] - a[1]).slice(0, 40));
process.exit(0);
