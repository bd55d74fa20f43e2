import { wasVisitedAsleep } from "../src/preview/decide.ts";
import type { Preview } from "../src/preview/preview.ts";

/** What is worth a look; `forget` has it told again, where nobody could be asked for that look. */
export type Item = { preview: Preview; forget: () => void };

/** Compares the records with what it saw before, and names those to which something happened that no attempt did. */
export function createNews(): (previews: readonly Preview[]) => Item[] {
  const seen = new Map<string, { event: string | undefined; wishes: string }>();
  return (previews) => {
    const items = previews.flatMap((preview): Item[] => {
      const { uid } = preview;
      const before = seen.get(uid);
      const now = { event: eventOf(preview), wishes: wishesOf(preview) };
      seen.set(uid, now);
      const happened = now.event !== undefined && now.event !== before?.event;
      const wished = before !== undefined && now.wishes !== before.wishes;
      if (!happened && !wished) return [];
      const forget = () => {
        if (seen.get(uid) === now) seen.set(uid, { event: before?.event, wishes: before?.wishes ?? now.wishes });
      };
      return [{ preview, forget }];
    });
    if (seen.size > previews.length) {
      const known = new Set(previews.map(({ uid }) => uid));
      for (const uid of seen.keys()) if (!known.has(uid)) seen.delete(uid);
    }
    return items;
  };
}

/** In a word that differs each time it happens. */
function eventOf({ deleting, status }: Preview): string | undefined {
  if (deleting) return "deleted";
  return status.phase === "Asleep" && wasVisitedAsleep(status) ? `visited ${status.asleep?.since}` : undefined;
}

/** What people asked for in the record itself. */
function wishesOf({ spec: { want, approvedCommit, keepUntil, keep, calledAt, redo } }: Preview): string {
  return JSON.stringify([want, approvedCommit, keepUntil, keep, calledAt, redo?.token]);
}
