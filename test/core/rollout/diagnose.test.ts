import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Cause } from "../../../src/rollout/suspect.ts";
import { crash, explain, rows } from "./diagnose-cases.ts";
import { clusterRows } from "./diagnose-cluster-cases.ts";

const matching = (expected: string | RegExp): unknown =>
  typeof expected === "string" ? expected : expect.stringMatching(expected);

describe("each cause is explained", () => {
  test.each([...rows, ...clusterRows])("%s", (_, failure, code, what, remedy, kind = "user") => {
    expect(failure).toMatchObject({
      kind,
      code,
      what: matching(what),
      remedy: expect.stringMatching(remedy),
    });
  });

  test.each([...rows, ...clusterRows])("%s: one line, a full sentence, paired backticks", (_, { what, remedy }) => {
    for (const text of [what, remedy]) {
      expect(text).toMatch(/^[A-Z`].*[.]$/);
      expect((text.match(/`/g)?.length ?? 0) % 2).toBe(0);
    }
  });
});

test("the evidence is the log, or what the cluster said, bounded", () => {
  const log = Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\n");
  expect(explain(crash(1), {}, log).evidence?.split("\n")).toHaveLength(20);
  expect(explain(crash(1)).evidence).toBeUndefined();
  expect(explain({ is: "volume", message: "Multi-Attach error" }).evidence).toBe("Multi-Attach error");
});

test("property: whatever a log or a message says, the explanation is bounded and one line", () => {
  const piece = fc.constantFrom("a", "word ", "\n", "\r\n", "\0", "\u001b[31m", "`", "é", "😀", "\ud83d", "\u202e");
  // Strings of fast-check's own are short unless told otherwise, and then slow to make: what is bounded has to be long.
  const text = fc
    .tuple(fc.array(piece), fc.integer({ min: 1, max: 2_000 }))
    .map(([pieces, times]) => pieces.join("").repeat(times));
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 255 }), (message, exitCode) => {
      const causes: Cause[] = [
        crash(exitCode),
        { is: "image-pull", image: message, message },
        { is: "create-refused", message },
        { is: "unschedulable", message },
        { is: "claim-unbound", message },
        { is: "cannot-run", message },
        { is: "container-config", message },
      ];
      for (const cause of causes) {
        const { what, remedy, evidence = "" } = explain(cause, {}, message);
        expect(what.length).toBeLessThan(2_000);
        expect(what.includes("\n") || remedy.includes("\n")).toBe(false);
        expect(evidence.length).toBeLessThanOrEqual(4_000);
      }
    }),
  );
});
