import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { boardLines, duration, remainingSeconds, type Step } from "../../../infra/local/supply/board.ts";
import { createBoard, type Screen } from "../../../infra/local/supply/board-writer.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const step: Step = {
  id: "a",
  title: "Compile",
  lane: "supply",
  state: "waiting",
  startedAt: null,
  seconds: 0,
  expectedSeconds: 100,
  fraction: null,
  detail: "",
};

describe("remaining time", () => {
  test.each<{ name: string; steps: Partial<Step>[]; remaining: number }>([
    { name: "nothing to do", steps: [], remaining: 0 },
    { name: "a waiting step counts whole", steps: [{}], remaining: 100 },
    { name: "steps of one lane add up", steps: [{}, {}], remaining: 200 },
    { name: "of two lanes the longer counts", steps: [{}, { lane: "images", expectedSeconds: 250 }], remaining: 250 },
    { name: "a running step has the rest left", steps: [{ state: "running", seconds: 30 }], remaining: 70 },
    { name: "a late step is not called done", steps: [{ state: "running", seconds: 130 }], remaining: 5 },
    { name: "done and cached steps are over", steps: [{ state: "done" }, { state: "cached" }], remaining: 0 },
    {
      name: "half done in twice the time expected takes about as long again",
      steps: [{ state: "running", seconds: 100, fraction: 0.5 }],
      remaining: 53,
    },
  ])("$name", ({ steps, remaining }) => {
    expect(remainingSeconds(steps.map((changes) => ({ ...step, ...changes })))).toBe(remaining);
  });

  test("is never negative, and zero exactly when no step is left", () => {
    const states = fc.constantFrom<Step["state"]>("waiting", "running", "done", "failed", "cached");
    const arbitrary = fc.record({
      lane: fc.constantFrom("a", "b"),
      state: states,
      seconds: fc.float({ min: 0, max: 5000, noNaN: true }),
      expectedSeconds: fc.integer({ min: 20, max: 1000 }),
      fraction: fc.option(fc.float({ min: 0, max: Math.fround(0.9), noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(arbitrary), (steps) => {
        const left = steps.some((one) => one.state === "waiting" || one.state === "running");
        const remaining = remainingSeconds(steps);
        expect(left ? remaining >= 0 : remaining === 0).toBe(true);
      }),
    );
  });
});

test.each([
  [0.4, "0 s"],
  [59.4, "59 s"],
  [65, "1 min 05 s"],
  [600, "10 min 00 s"],
])("%d seconds read %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test("lines of a terminal are never wider than it", () => {
  const board = { startedAt: "", updatedAt: "", elapsedSeconds: 5, remainingSeconds: 100, steps: [step] };
  for (const line of boardLines({ ...board, steps: [{ ...step, detail: "x".repeat(300) }] }, 40)) {
    expect(line.length).toBeLessThanOrEqual(40);
  }
});

function setUp(screen: Partial<Screen> = {}) {
  const dir = temporaryFolder("board-");
  const files = { file: join(dir, "board.json"), memoryFile: join(dir, "seconds.json") };
  const said: string[] = [];
  const clock = { now: 1_000_000 };
  const board = createBoard({
    ...files,
    screen: { isTTY: false, columns: 80, write: (text) => said.push(text), ...screen },
    now: () => clock.now,
  });
  onTestFinished(() => board.close());
  const read = (): { steps: Step[]; remainingSeconds: number } => JSON.parse(readFileSync(files.file, "utf8"));
  return { board, read, said, clock, files };
}

describe("a board while work goes on", () => {
  const plan = [{ id: "compile", title: "Compile", lane: "supply", expectedSeconds: 100 }];

  test("writes each step's state, time and outcome for others to read", async () => {
    const { board, read, clock } = setUp();
    board.plan(plan);
    expect(read().steps[0]).toMatchObject({ id: "compile", state: "waiting", startedAt: null });
    const answer = await board.run("compile", async (report) => {
      report.detail("one\ntwo\n\n");
      report.fraction(0.5);
      expect(board.snapshot().steps[0]).toMatchObject({ state: "running", detail: "two", fraction: 0.5 });
      clock.now += 40_000;
      return 42;
    });
    expect(answer).toBe(42);
    expect(read().steps[0]).toMatchObject({ state: "done", seconds: 40 });
  });

  test("shows a failure with its reason and throws it on", async () => {
    const { board, read, said } = setUp();
    board.plan(plan);
    const run = board.run("compile", () => Promise.reject(new Error("no space left")));
    await expect(run).rejects.toThrow("no space left");
    expect(read().steps[0]).toMatchObject({ state: "failed", detail: "no space left" });
    expect(said.join("")).toContain("✗ Compile (0 s): no space left");
  });

  test("expects the next time what it measured this time, but learns nothing from the cache", async () => {
    const { board, clock, files } = setUp();
    board.plan([...plan, { id: "other", title: "Other", lane: "supply", expectedSeconds: 7 }]);
    await board.run("compile", async () => {
      clock.now += 33_000;
    });
    await board.run("other", async (report) => report.cached());
    board.close();
    const screen = { isTTY: false, columns: 80, write: () => undefined };
    const next = createBoard({ ...files, screen });
    onTestFinished(() => next.close());
    next.plan([...plan, { id: "other", title: "Other", lane: "supply", expectedSeconds: 7 }]);
    expect(next.snapshot().steps.map((one) => one.expectedSeconds)).toEqual([33, 7]);
  });

  test("a terminal gets the board redrawn in place and no single lines", async () => {
    const { board, said } = setUp({ isTTY: true });
    board.plan(plan);
    await board.run("compile", async () => undefined);
    expect(said[0]).toContain("Compile");
    expect(said.at(-1)?.startsWith("\u001b[2A")).toBe(true);
  });
});
