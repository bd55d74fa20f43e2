import { expect, test } from "vitest";
import { coverageLines, uncovered } from "./coverage.ts";
import { runParallel } from "./run-parallel.ts";

test("after whatever happened, what should exist does, and nothing else", { timeout: 600_000 }, async () => {
  const { outcomes, coverage } = await runParallel({ histories: 500, seed: 1 });
  const failed = outcomes.filter(({ story }) => story !== undefined);
  const stories = failed.map(
    ({ story, seed, path }) => `${story}\nnpm run test:model -- --seed ${seed} --path ${path}`,
  );
  expect(stories.join("\n")).toBe("");
  console.log(coverageLines(coverage).join("\n"));
  expect(uncovered(coverage)).toEqual([]);
});
