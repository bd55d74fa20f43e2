import type { Clock } from "../../src/ports/clock.ts";

/** Tells whether so much time has passed since. */
export function timer(clock: Pick<Clock, "wait">, milliseconds: number): () => boolean {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  void clock.wait(milliseconds, new AbortController().signal).then(end, end);
  return () => ended.signal.aborted;
}
