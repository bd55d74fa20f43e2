import { describe, expect, test } from "vitest";
import { ApiError } from "../../../src/adapters/kubernetes/api-error.ts";
import { createBelief } from "../../../src/adapters/kubernetes/refusals.ts";

const never = new AbortController().signal;
const refused = new ApiError('forbidden: User "u" cannot get path "/readyz"', { status: 403 });

/** Asks with these answers of `/readyz`, each so many seconds after the first. */
async function beliefs(...answers: [seconds: number, answer: "ready" | Error][]): Promise<boolean[]> {
  let now = 0;
  let answer: "ready" | Error = "ready";
  const believes = createBelief(
    async () => {
      if (answer instanceof Error) throw answer;
    },
    () => now,
  );
  const all: boolean[] = [];
  for (const [seconds, next] of answers) {
    now = seconds * 1_000;
    answer = next;
    all.push(await believes(never));
  }
  return all;
}

describe("a refusal", () => {
  test("is believed of a server that is ready, and of no other", async () => {
    expect(await beliefs([0, new ApiError("starting", { status: 500 })], [1, "ready"])).toEqual([false, true]);
    expect(await beliefs([0, new ApiError("no answer", {})], [99, new ApiError("no answer", {})])).toEqual([
      false,
      false,
    ]);
  });

  test("is not believed where readiness, shown before, is refused as well", async () => {
    expect(await beliefs([0, "ready"], [10, refused], [60, refused])).toEqual([true, false, false]);
  });

  test("is believed after a while where readiness was never shown", async () => {
    expect(await beliefs([0, refused], [4, refused], [6, refused])).toEqual([false, false, true]);
  });
});
