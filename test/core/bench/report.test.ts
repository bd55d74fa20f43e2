import { describe, expect, test } from "vitest";
import { median } from "../../bench/median.ts";
import { exactly, json, missed, printed, ratioAtMost, row } from "../../bench/report.ts";

const machine = { cores: 2, memoryGiB: 24, node: "v24.0.0", kernel: "6.1" };

describe("median", () => {
  test.each([
    [[3], 3],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
  ])("of %j is %d", (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  test("of nothing is an error, and the values are left as they are", () => {
    expect(() => median([])).toThrow(/nothing/);
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe("a row", () => {
  test("has the ratio, and whether the goal is met", () => {
    const met = row("push", "s", { ours: 11, theirs: 10, goal: ratioAtMost(1.15) });
    expect(met).toMatchObject({ ratio: 1.1, goal: "≤ 1.15 ×", met: true });
    expect(row("push", "s", { ours: 12, theirs: 10, goal: ratioAtMost(1.15) }).met).toBe(false);
  });

  test("without a peer or a goal has nulls", () => {
    expect(row("push", "s", { ours: 1 })).toEqual({
      name: "push",
      unit: "s",
      ours: 1,
      theirs: null,
      ratio: null,
      goal: null,
      met: null,
    });
  });

  test("judges before rounding, and a ratio to nothing is none", () => {
    expect(row("push", "s", { ours: 1.1504, theirs: 1, goal: ratioAtMost(1.15) }).met).toBe(false);
    expect(row("push", "s", { ours: 1, theirs: 0, goal: ratioAtMost(1) })).toMatchObject({ ratio: null, met: false });
    expect(row("solves", "solves", { ours: 0, theirs: 3, goal: exactly(0) })).toMatchObject({ ratio: 0, met: true });
    expect(row("solves", "solves", { ours: 1, goal: exactly(0) }).met).toBe(false);
  });
});

describe("a report", () => {
  const rows = [
    row("push to ready", "s", { ours: 12.345, theirs: 10, goal: ratioAtMost(1.15) }),
    row("solves", "solves", { ours: 0, goal: exactly(0) }),
    row("build", "s", { ours: 1.5 }),
  ];
  const report = { bench: "deploy", machine, rows };

  test("is a table", () => {
    expect(printed(report).split("\n")).toEqual([
      "deploy, on 2 cores, 24 GiB, Node v24.0.0, Linux 6.1",
      "",
      "               unit    ours   theirs  ratio   goal",
      "push to ready  s       12.35  10      1.23 ×  ≤ 1.15 ×  missed",
      "solves         solves  0                      = 0       met",
      "build          s       1.50",
    ]);
  });

  test("is JSON with every field of every row", () => {
    expect(JSON.parse(json(report))).toEqual(report);
  });

  test("names the rows whose goal was missed, and only these", () => {
    expect(missed(rows)).toEqual(["push to ready"]);
  });
});
