// `npm run test:model`: many histories of pull requests in a world that fails, or one of them again by its seed and path.
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { coverageLines, uncovered } from "./coverage.ts";
import { runParallel } from "./run-parallel.ts";

const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "20000" },
    seed: { type: "string" },
    path: { type: "string" },
    detailed: { type: "boolean", default: false },
    first: { type: "boolean", default: false },
  },
});

const started = performance.now();
const { outcomes, coverage } = await runParallel({
  histories: Number(values.histories),
  seed: values.seed === undefined ? randomInt(2 ** 30) : Number(values.seed),
  detailed: values.detailed,
  first: values.first,
  ...(values.path === undefined ? {} : { path: values.path }),
});
const failed = outcomes.filter(({ story }) => story !== undefined);
for (const { story, seed, path } of failed) {
  console.log(
    `${story}\nAgain, with what the workers log: npm run test:model -- --seed ${seed} --path ${path} --detailed\n`,
  );
}
const found = Math.min(...failed.map((outcome) => outcome.played));
if (failed.length > 0) console.log(`found after ${found} histories`);
const played = outcomes.reduce((sum, outcome) => sum + outcome.played, 0);
console.log(`${played} histories in ${((performance.now() - started) / 1_000).toFixed(0)} s`);
const missing = values.path === undefined ? uncovered(coverage) : [];
if (values.path === undefined) console.log(coverageLines(coverage).join("\n"));
if (missing.length > 0) console.log(`never: ${missing.join(", ")}`);
process.exitCode = failed.length + missing.length === 0 ? 0 : 1;
