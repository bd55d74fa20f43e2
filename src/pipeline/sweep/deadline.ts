import type { Clock } from "../../ports/clock.ts";
import { FailureError } from "../../preview/failure.ts";

/**
 * Runs `work` for so long at most; then its signal is aborted, nobody waits for it any more, and this rejects with a
 * transient failure.
 */
export async function within<T>(
  clock: Pick<Clock, "wait">,
  milliseconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const late = new AbortController();
  const done = new AbortController();
  const both = AbortSignal.any([signal, late.signal]);
  const ended = clock.wait(milliseconds, AbortSignal.any([signal, done.signal])).then(() => {
    const error = new FailureError({
      kind: "transient",
      code: "not-in-time",
      what: `It was not done within ${milliseconds / 1_000} s.`,
      remedy: "The next sweep tries it again.",
    });
    late.abort(error);
    throw error;
  });
  // Whatever ends first, the other has nothing to say.
  ended.catch(() => undefined);
  const working = work(both);
  working.catch(() => undefined);
  try {
    return await Promise.race([working, ended]);
  } finally {
    done.abort();
  }
}
