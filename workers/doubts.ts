import type { PodNews, PodsLook } from "../src/ports/health.ts";
import type { Phase, Preview } from "../src/preview/preview.ts";
import type { Item } from "./news.ts";

/** Phases in which nobody works on a preview, so that its pods are judged by a look. */
const settled = new Set<Phase | undefined>(["Ready", "Failing"]);

/** A little longer than a container that died has to run again until it counts as well. */
const firstPauseMs = 65_000;
/** Some pods look ill for ever to whoever only sees them from afar. */
const longestPauseMs = 3_600_000;

/** Knows which previews' pods may not be what the record says. */
export type Doubts = {
  take(news: PodNews): void;
  /**
   * Those that need a look now: of which a pod has changed, at once or when nobody works on them any more; and those
   * that seem to be other than the record says, now and then for as long as they do.
   */
  due(previews: readonly Preview[], now: number): Item[];
};

/** What was asked for and got lost is asked for again, since the doubt stays. */
export function createDoubts(): Doubts {
  const changed = new Set<string>();
  const asked = new Map<string, { at: number; pauseMs: number }>();
  let looks: ReadonlyMap<string, PodsLook> | undefined;

  const isDue = (preview: Preview, now: number): boolean => {
    const { name, status } = preview;
    if (preview.deleting || !settled.has(status.phase)) return false;
    if (changed.delete(name)) {
      asked.set(name, { at: now, pauseMs: firstPauseMs });
      return true;
    }
    const seemsWell = looks?.get(name) === "well";
    if (looks === undefined || seemsWell === (status.phase === "Ready")) {
      asked.delete(name);
      return false;
    }
    const last = asked.get(name);
    if (last !== undefined && now - last.at < last.pauseMs) return false;
    const pauseMs = last === undefined ? firstPauseMs : Math.min(2 * last.pauseMs, longestPauseMs);
    asked.set(name, { at: now, pauseMs });
    return true;
  };

  return {
    take(news) {
      looks = news.looks;
      for (const name of news.changed) changed.add(name);
    },
    due(previews, now) {
      const names = new Set(previews.map(({ name }) => name));
      for (const known of [changed, asked]) for (const name of known.keys()) if (!names.has(name)) known.delete(name);
      return previews
        .filter((preview) => isDue(preview, now))
        .map((preview) => ({ preview, forget: () => void changed.add(preview.name) }));
    },
  };
}
