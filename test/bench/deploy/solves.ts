import { solves, type Solve } from "../../../infra/local/supply/history.ts";
import type { LabStatus } from "../../../infra/local/lab/status.ts";

/** Builds of images whose name holds a text, that began at a moment (in milliseconds) or later, by BuildKit's own history. */
export async function solvesOf(
  lab: LabStatus,
  nameHolds: string,
  since: number,
  signal: AbortSignal,
): Promise<Solve[]> {
  return matching(await solves(lab.tools.buildctl, lab.buildkit, signal), nameHolds, since);
}

export function matching(history: readonly Solve[], nameHolds: string, since: number): Solve[] {
  return history.filter(({ images, started }) => started >= since && images.some((name) => name.includes(nameHolds)));
}

/** How many of the solves ran at the same time, at most. */
export function mostAtOnce(history: readonly Pick<Solve, "started" | "ended">[]): number {
  const changes = history.flatMap(({ started, ended }) => [
    { at: started, by: 1 },
    { at: ended ?? Number.POSITIVE_INFINITY, by: -1 },
  ]);
  // One that ends at the very moment another begins has not run beside it.
  changes.sort((a, b) => (a.at === b.at ? a.by - b.by : a.at < b.at ? -1 : 1));
  let running = 0;
  let most = 0;
  for (const { by } of changes) {
    running += by;
    most = Math.max(most, running);
  }
  return most;
}
