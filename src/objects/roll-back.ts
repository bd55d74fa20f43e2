import type { SourcedObject } from "./kubernetes-object.ts";

const hook = "helm.sh/hook";
/** A revision that is shown again is released as an upgrade, so its rollback hooks run as that one's. */
const asUpgrade: Readonly<Record<string, string>> = { "pre-rollback": "pre-upgrade", "post-rollback": "post-upgrade" };

/**
 * The objects with which an earlier revision is released again. As with Helm's own rollback, only its rollback hooks run:
 * a migration that went forward is not run again by going back.
 */
export function objectsToRollBack(stored: readonly SourcedObject[]): SourcedObject[] {
  return stored.flatMap(({ object, file }) => {
    const events = object.metadata.annotations?.[hook];
    if (events === undefined) return [{ object, file }];
    const kept = events.split(",").flatMap((event) => asUpgrade[event.trim()] ?? []);
    if (kept.length === 0) return [];
    const annotations = { ...object.metadata.annotations, [hook]: kept.join(",") };
    return [{ object: { ...object, metadata: { ...object.metadata, annotations } }, file }];
  });
}
