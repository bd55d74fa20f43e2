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

/** What is left of a newcomer's command that has ended. Files that Debian's packages brought are no leftovers. */
export async function leftBehind(places: Places, mark: string, before: Snapshot): Promise<string[]> {
  const deadline = performance.now() + patience;
  for (;;) {
    const after = await takeSnapshot(places, mark);
    const known = new Set(before.files);
    const files = await withoutPackaged(after.files.filter((path) => !known.has(path)));
    const left = added(before, { ...after, files });
    if (left.length === 0 || performance.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function kinds(snapshot: Snapshot): (keyof Snapshot)[] {
  return Object.keys(snapshot).filter((key): key is keyof Snapshot => key in snapshot);
}
