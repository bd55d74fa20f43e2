import type { PreviewSpec } from "./preview.ts";

/** Changes to what people want of a preview; fields given as undefined are removed. */
export type SpecChanges = { [K in keyof PreviewSpec]?: PreviewSpec[K] | undefined };

/**
 * Whether a change of what people want comes too late: the comment that it is for has been obeyed, or somebody else has
 * given a field that it changes another value since the record was read. Of a stop and a visit at the same time, neither
 * is lost unseen.
 */
export function isTooLate(read: PreviewSpec, now: PreviewSpec, { lastComment, ...changes }: SpecChanges): boolean {
  if (lastComment !== undefined && now.lastComment !== undefined && lastComment.id <= now.lastComment.id) return true;
  const earlier = valuesOf(read);
  const current = valuesOf(now);
  return [...valuesOf(changes)].some(
    ([name, wanted]) => current.get(name) !== earlier.get(name) && current.get(name) !== wanted,
  );
}

function valuesOf(spec: SpecChanges): Map<string, string | undefined> {
  return new Map(
    Object.entries(spec).map(([name, value]) => [name, value === undefined ? undefined : JSON.stringify(value)]),
  );
}
