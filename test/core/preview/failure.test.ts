import { describe, expect, test } from "vitest";
import { boundEvidence, FailureError, failureOf, otherPlaces } from "../../../src/preview/failure.ts";

describe("evidence", () => {
  test("keeps the last 20 lines", () => {
    const log = Array.from({ length: 50 }, (_, line) => `line ${line}`).join("\n");
    expect(boundEvidence(log).split("\n")).toHaveLength(20);
    expect(boundEvidence(log)).toMatch(/line 49$/);
  });

  test("keeps at most 4,000 characters, the last ones", () => {
    const bounded = boundEvidence(`${"x".repeat(100_000)}end`);
    expect(bounded.length).toBeLessThanOrEqual(4_000);
    expect(bounded).toMatch(/^….*end$/);
  });

  test("loses colours and control characters, keeps tabs and lines", () => {
    expect(boundEvidence("\u001b[31mred\u001b[0m\u0007\r\n\tnext\n")).toBe("red\n\tnext");
  });
});

describe("failureOf", () => {
  test("gives back the failure that an error carries", () => {
    const failure = { kind: "user", code: "x", what: "w", remedy: "r" } as const;
    expect(failureOf(new FailureError(failure))).toBe(failure);
  });

  test("calls anything else a bug of ours, with its message as evidence", () => {
    expect(failureOf(new Error("boom"))).toMatchObject({ kind: "bug", evidence: "boom" });
    expect(failureOf("boom")).toMatchObject({ kind: "bug", evidence: "boom" });
  });
});

const place = (line: number) => ({ file: "greenroom.yaml", line, what: "x".repeat(600) });

test("further places at fault are told once each, and no more than GitHub takes", () => {
  const many = Array.from({ length: 100 }, (_, line) => place(line + 1));
  const { others = [] } = otherPlaces([...many, ...many]);
  expect(others.map(({ line }) => line)).toEqual(Array.from({ length: 49 }, (_, line) => line + 2));
  expect(others.every(({ what }) => what.length === 500)).toBe(true);
  expect(otherPlaces([place(1), place(1)])).toEqual({});
  expect(otherPlaces([])).toEqual({});
});
