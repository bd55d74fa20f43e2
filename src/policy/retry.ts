import type { Failure } from "../preview/failure.ts";

const longestSeconds = 5 * 60;
const longestReason = 500;

/** How long the queue waits at most before the next try after so many transient failures in a row, in seconds. */
export function retrySeconds(retries: number, retryAfterSeconds = 0): number {
  const full = Math.min(longestSeconds, 2 ** Math.min(retries - 1, 30));
  return Math.ceil(Math.max(full, retryAfterSeconds + full / 2));
}

/** What people read of a failure that is tried again. */
export function retryReason({ what, retryAfterSeconds }: Failure, retries: number): string {
  const times = retries === 1 ? "Tried once" : `Tried ${retries} times`;
  const end = ` ${times}; the next try follows within ${retrySeconds(retries, retryAfterSeconds)} s.`;
  const room = longestReason - end.length;
  return `${what.length > room ? `${what.slice(0, room - 1).toWellFormed()}…` : what}${end}`;
}

/** Whether one try of many is worth an edit of the comment: the first, and then ever fewer. */
export function isTold(retries: number): boolean {
  return (retries & (retries - 1)) === 0;
}
