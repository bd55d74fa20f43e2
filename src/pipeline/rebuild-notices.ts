import { quote } from "../objects/words.ts";
import { isImageNamed } from "../policy/wishes.ts";
import type { Rebuild } from "../preview/preview.ts";
import type { PlannedBuild } from "./plan-builds.ts";

/** What the comment says of a preview that was built anew as asked. */
export function rebuildNotices(rebuild: Rebuild | undefined, plan: readonly PlannedBuild[]): string[] {
  if (rebuild === undefined) return [];
  const unknown = rebuild.images.filter((word) => !plan.some(({ status }) => isImageNamed(status.name, word)));
  return [
    ...(rebuild.data ? ["Everything was made anew, as asked: its volumes began empty."] : []),
    ...unknown.map((name) => `There is no image ${quote(name)} that could have been built anew.`),
  ];
}
