import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Declared, overrideProblem, readValue, settle } from "../../../src/policy/declared.ts";

const level: Declared = { key: "LEVEL", type: "string", default: "info", values: ["info", "debug"] };
const count: Declared = { key: "COUNT", type: "number", default: "1" };
const on: Declared = { key: "ON", type: "boolean", default: "true" };
const text: Declared = { key: "TEXT", type: "string", default: "" };
const all = [level, count, on, text];

test.each([
  [level, "debug", { value: "debug" }],
  [level, "loud", { problem: "must be one of `info` and `debug`" }],
  [count, "-2.5", { value: -2.5 }],
  [count, "1e9", { problem: "must be a number" }],
  [count, "0x10", { problem: "must be a number" }],
  [count, "", { problem: "must be a number" }],
  [on, "false", { value: false }],
  [on, "no", { problem: "must be `true` or `false`" }],
  [text, "{{ .Values }} ${sha}", { value: "{{ .Values }} ${sha}" }],
  [text, "a\u0007b", { problem: "must have no control characters" }],
  [text, "x".repeat(501), { problem: "must have at most 500 characters" }],
])("%j as %j", (declared, said, expected) => {
  expect(readValue(declared, said)).toEqual(expected);
});

describe("what cannot be set is explained", () => {
  test.each([
    [all, "LEVLE", "x", "greenroom.yaml declares no `LEVLE`. Did you mean `LEVEL`?"],
    [
      all,
      "SOMETHING_ELSE",
      "x",
      "greenroom.yaml declares no `SOMETHING_ELSE`. There are: `LEVEL`, `COUNT`, `ON`, `TEXT`.",
    ],
    [[], "A", "x", "greenroom.yaml declares no `A`. What can be set is declared under `set` there, and nothing is."],
    [all, "COUNT", "many", "`COUNT` must be a number, not `many`."],
    [all, "COUNT", "2", undefined],
  ])("%#", (declared, key, said, expected) => {
    expect(overrideProblem(declared, key, said)).toBe(expected);
  });
});

test("what was set counts as far as it is still declared and allowed; the rest is said", () => {
  const overrides = [
    { key: "LEVEL", text: "loud" },
    { key: "COUNT", text: "3" },
    { key: "GONE", text: "x" },
  ];
  expect(settle(all, overrides)).toEqual({
    values: { LEVEL: "info", COUNT: 3, ON: true, TEXT: "" },
    notices: [
      "Set by command: `COUNT=3`.",
      "Set by command, and not what greenroom.yaml allows now: `LEVEL=loud`, `GONE=x`.",
    ],
  });
  expect(settle(all, [])).toMatchObject({ notices: [] });
});

test("every declared key has a value of its type, whatever was set", () => {
  const override = fc.record({ key: fc.constantFrom("LEVEL", "COUNT", "ON", "TEXT", "x"), text: fc.string() });
  fc.assert(
    fc.property(fc.array(override), (overrides) => {
      const { values } = settle(all, overrides);
      expect(Object.entries(values).map(([key, value]) => [key, typeof value])).toEqual(
        all.map(({ key, type }) => [key, type]),
      );
    }),
  );
});
