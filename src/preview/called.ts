import type { PreviewStatus } from "./preview.ts";

/** Whether somebody has come to a preview since it fell asleep, so that it is to wake. */
export function isCalled({ phase, asleep, lastVisitAt }: PreviewStatus): boolean {
  if (phase !== "Asleep" || asleep === undefined || lastVisitAt === undefined) return false;
  return Date.parse(lastVisitAt) > Date.parse(asleep.since);
}
