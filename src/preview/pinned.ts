import type { Pinned, Preview, PreviewStatus, Revision } from "./preview.ts";

/** As many as Helm keeps of a release. */
const mostRevisions = 10;

/** The revision that somebody rolled back to, unless something was pushed since. */
export function pinnedAt({ spec }: Pick<Preview, "spec">, head: string): Pinned | undefined {
  return spec.pinned?.head === head ? spec.pinned : undefined;
}

/** The commit that is to be shown: the head, or the one of the revision that somebody rolled back to. */
export function commitToShow(preview: Pick<Preview, "spec">, head: string): string {
  return pinnedAt(preview, head)?.commit ?? head;
}

/** The revisions that were ready, with another one that is now. A history that began anew has nothing of the old one. */
export function withRevision({ revisions = [] }: PreviewStatus, ready: Revision): Revision[] {
  const before = revisions.filter(({ release, revision }) => release === ready.release && revision < ready.revision);
  return [...before, ready].filter(({ revision }) => revision > ready.revision - mostRevisions);
}

/**
 * The revision that is meant by rolling back: the one named, or the last one that was ready before what is shown now.
 * Rolling back twice goes back twice.
 */
export function revisionToShow(
  preview: Pick<Preview, "spec" | "status">,
  named: number | undefined,
): Revision | undefined {
  const { release, observedCommit, phase } = preview.status;
  const known = revisionsKept(preview.status);
  if (named !== undefined) return known.find(({ revision }) => revision === named);
  const pinned = observedCommit === undefined ? undefined : pinnedAt(preview, observedCommit);
  // What has failed was never ready, so the last that was is meant.
  const isShown = phase === "Ready" || phase === "Failing" || phase === "Asleep";
  const present = pinned?.revision ?? (isShown ? release?.revision : undefined) ?? Number.POSITIVE_INFINITY;
  return known.findLast(({ revision }) => revision < present);
}

/** Those of the release that is there now. */
export function revisionsKept({ release, revisions = [] }: PreviewStatus): Revision[] {
  return revisions.filter((each) => each.release === release?.name);
}
