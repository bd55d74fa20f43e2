import { describe, expect, test } from "vitest";
import { backoffMs } from "../../../src/adapters/bullmq/backoff.ts";
import { isTold, retryReason, retrySeconds } from "../../../src/policy/retry.ts";
import { FailureError } from "../../../src/preview/failure.ts";

const failure = { kind: "transient", code: "x", what: "GitHub does not answer.", remedy: "Wait." } as const;

describe("the next try", () => {
  test("comes within the time that people are told", () => {
    for (const retryAfterSeconds of [undefined, 0, 7, 90, 4_000]) {
      for (let retries = 1; retries < 40; retries += 1) {
        const latest = backoffMs(retries, new FailureError({ ...failure, retryAfterSeconds }), () => 1);
        expect(latest).toBeLessThanOrEqual(retrySeconds(retries, retryAfterSeconds) * 1_000);
      }
    }
  });

  test("is told with the number of those before, and fits into the record whatever the failure says", () => {
    expect(retryReason(failure, 1)).toBe("GitHub does not answer. Tried once; the next try follows within 1 s.");
    expect(retryReason(failure, 4)).toContain("Tried 4 times; the next try follows within 8 s.");
    const long = retryReason({ ...failure, what: "💥".repeat(1_000) }, 4);
    expect(long.length).toBeLessThanOrEqual(500);
    expect(long.isWellFormed()).toBe(true);
  });

  test("is told ever less often", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17].filter(isTold)).toEqual([1, 2, 4, 8, 16]);
  });
});
