import type { Places } from "./environment.ts";
import { type Snapshot, takeSnapshot, withoutPackaged } from "./snapshot.ts";

/** What is there now and was not before, each with its kind. */
export function added(before: Snapshot, after: Snapshot): string[] {
  return kinds(after).flatMap((kind) => {
    const known = new Set(before[kind]);
    return after[kind].filter((each) => !known.has(each)).map((each) => `${kind}: ${each}`);
  });
}

/** How long the kernel may take to let go of what ended, in milliseconds. */
const patience = 10_000;

/**
 * What is left of a newcomer's command that has ended, and stays: other programs' things come and go meanwhile. Files
 * that Debian's packages brought are no leftovers.
 */
export async function leftBehind(places: Places, mark: string, before: Snapshot): Promise<string[]> {
  const deadline = performance.now() + patience;
  let left: string[] | undefined;
  do {
    const now = added(before, await unpackaged(before, await takeSnapshot(places, mark)));
    left = left === undefined ? now : left.filter((each) => now.includes(each));
    if (left.length === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  } while (performance.now() < deadline);
  return left;
}

async function unpackaged(before: Snapshot, after: Snapshot): Promise<Snapshot> {
  const known = new Set(before.files);
  return { ...after, files: await withoutPackaged(after.files.filter((path) => !known.has(path))) };
}

function kinds(snapshot: Snapshot): (keyof Snapshot)[] {
  return Object.keys(snapshot).filter((key): key is keyof Snapshot => key in snapshot);
}
