import type { WriteLimits } from "../../ports/call-budget.ts";

export type Clock = () => number;

/** GitHub renews every limit within the hour, so nothing it says closes a caller for longer. */
export const longestCloseMs = 3_600_000;

/** What may be used of each limit before it is low. */
export const lowShare = 0.75;

/** How many writes may leave in any span of so many milliseconds, if only a share of each limit may be used. */
export function spans({ perMinute, perHour }: WriteLimits, share: number): { most: number; milliseconds: number }[] {
  return [
    { most: Math.max(1, Math.floor(perMinute * share)), milliseconds: 60_000 },
    { most: Math.max(1, Math.floor(perHour * share)), milliseconds: 3_600_000 },
  ];
}
