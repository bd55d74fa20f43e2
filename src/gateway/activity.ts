import type { Preview } from "../preview/preview.ts";
import type { Visits } from "../ports/visits.ts";

/** How exactly the records know of visits, and so how often each is written at most. */
export const visitIntervalMs = 5 * 60_000;

const mostWrites = 8;
const writeMs = 10_000;
const errorIntervalMs = 60_000;

/** Keeps the records informed of who uses their previews. Nothing of it is waited for by a request. */
export type Activity = {
  /** A visitor's request is passed on to the preview; the returned function says that it is over. */
  begin(preview: Preview): () => void;
  /** A visitor came to a preview that sleeps. */
  knock(preview: Preview): void;
  /** Asked every minute or so: what is open for long, such as a WebSocket, is activity for as long as it is. */
  refresh(): void;
};

export type ActivityOptions = {
  visits: Visits;
  now?: () => number;
  onError: (error: unknown) => void;
};

export function createActivity({ visits, now = Date.now, onError }: ActivityOptions): Activity {
  /** Time that was written last, by uid; other gateways' writes come with the records. */
  const written = new Map<string, number>();
  const open = new Map<string, { preview: Preview; requests: number }>();
  let writing = 0;
  let lastError = Number.NEGATIVE_INFINITY;

  const write = async (preview: Preview, time: number): Promise<void> => {
    const before = written.get(preview.uid);
    writing += 1;
    written.set(preview.uid, time);
    try {
      await visits.record(preview, new Date(time), AbortSignal.timeout(writeMs));
    } catch (error) {
      // The next visit tries again.
      if (before === undefined) written.delete(preview.uid);
      else written.set(preview.uid, before);
      if (now() - lastError < errorIntervalMs) return;
      lastError = now();
      onError(error);
    } finally {
      writing -= 1;
    }
  };

  const lastKnown = ({ uid, status }: Preview): number =>
    Math.max(written.get(uid) ?? 0, status.lastVisitAt === undefined ? 0 : Date.parse(status.lastVisitAt));

  const visited = (preview: Preview): void => {
    const time = now();
    if (writing >= mostWrites || time - lastKnown(preview) < visitIntervalMs) return;
    void write(preview, time);
  };

  return {
    begin(preview) {
      visited(preview);
      const entry = open.get(preview.uid) ?? { preview, requests: 0 };
      entry.preview = preview;
      entry.requests += 1;
      open.set(preview.uid, entry);
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        entry.requests -= 1;
        if (entry.requests === 0) open.delete(preview.uid);
      };
    },

    knock(preview) {
      const since = Date.parse(preview.status.asleep?.since ?? preview.createdAt);
      if (writing >= mostWrites || lastKnown(preview) > since) return;
      // Whoever put it to sleep may have a clock that is ahead of ours.
      void write(preview, Math.max(now(), since + 1));
    },

    refresh() {
      const time = now();
      for (const [uid, at] of written) if (time - at > visitIntervalMs) written.delete(uid);
      for (const { preview } of open.values()) visited(preview);
    },
  };
}
