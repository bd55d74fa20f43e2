import { afterEach, expect, test } from "vitest";
import { trackProgress } from "../../../src/pipeline/progress.ts";
import { smallWorld } from "./small-world.ts";

const never = new AbortController().signal;
let small: ReturnType<typeof smallWorld>;
afterEach(() => small.checkouts.close());

test("while work goes on the comment is edited ever less often, and at the end at once", async () => {
  small = smallWorld();
  const key = await small.github.open();
  await small.look(key);
  const { world, clock, github } = small;
  const pr = await github.pullRequests.read(key, undefined, never);
  if (pr === "gone") throw new Error("gone");
  const edits: number[] = [];
  const began = clock.now().getTime();
  const seconds = () => (clock.now().getTime() - began) / 1_000;
  github.interfere((method) => {
    if (method === "comment") edits.push(seconds());
  });
  const progress = trackProgress(world, pr, await world.records.claim(await small.record(key), never), never);
  for (let n = 0; n < 500; n += 1) {
    await progress.update({ phase: "Building", reason: `step ${n}` });
    await clock.advance(1_000);
  }
  expect(edits).toEqual([0, 15, 45, 105, 225, 465]);
  await progress.finish({ phase: "Ready" }, async () => undefined);
  expect(edits.at(-1)).toBe(500);
});
