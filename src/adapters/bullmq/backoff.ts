import { FailureError } from "../../preview/failure.ts";

const firstMs = 1_000;
const longestMs = 5 * 60_000;

/**
 * How long a transient failure waits: 1 s doubling to 5 min, never less than what the other side asked for. Half of
 * it is left to chance, so that what failed together does not come back together.
 */
export function backoffMs(failuresInARow: number, error: unknown, random: () => number = Math.random): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(failuresInARow - 1, 30));
  const asked = error instanceof FailureError ? (error.failure.retryAfterSeconds ?? 0) * 1_000 : 0;
  return Math.round(Math.max(full / 2, asked) + (random() * full) / 2);
}
