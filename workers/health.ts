import { keyOf, keyString } from "../src/preview/key.ts";
import type { Preview } from "../src/preview/preview.ts";
import type { Clock } from "../src/ports/clock.ts";
import type { Health } from "../src/ports/health.ts";
import type { Log } from "../src/ports/log.ts";
import type { Queue } from "../src/ports/queue.ts";
import type { Records } from "../src/ports/records.ts";
import { createDoubts } from "./doubts.ts";
import { createNews, type Item } from "./news.ts";

/** How often it is asked whether a doubt has become old enough, in milliseconds. */
const tickMs = 5_000;

export type WatchedRecords = Pick<Records, "list"> & { subscribe(listener: () => void): () => void };

export type Watching = {
  health: Health;
  records: WatchedRecords;
  queue: Pick<Queue, "enqueue">;
  clock: Clock;
  log: Log;
};

/**
 * Asks for a look at each preview that the cluster has news of: its pods have changed or are not what the record says,
 * somebody deleted its record or wants something else of it, or visits it while it sleeps.
 */
export async function startHealth({ health, records, queue, clock, log }: Watching): Promise<() => Promise<void>> {
  const ended = new AbortController();
  const { signal } = ended;
  const ask = async (preview: Preview): Promise<boolean> => {
    const key = keyOf(preview);
    try {
      await queue.enqueue(key, "check");
      return true;
    } catch (error) {
      log.warn({ key: keyString(key) }, String(error));
      return false;
    }
  };

  const news = createNews();
  const doubts = createDoubts();
  const lookThrough = async (which: (previews: Preview[]) => Item[]): Promise<void> => {
    const items = which(await records.list());
    await Promise.all(
      items.map(async ({ preview, forget }) => {
        // The record's next change, the next tick or the sweep asks again.
        if (!(await ask(preview))) forget();
      }),
    );
  };
  const doubtful = (previews: Preview[]): Item[] => doubts.due(previews, clock.now().getTime());
  const inTrouble = (error: unknown): void => log.error({}, "the records could not be looked through", error);

  const unsubscribe = records.subscribe(() => {
    lookThrough((previews) => [...news(previews), ...doubtful(previews)]).catch(inTrouble);
  });
  await lookThrough(news);
  const watching = (async () => {
    while (!signal.aborted) {
      try {
        for await (const told of health.news(signal)) {
          doubts.take(told);
          await lookThrough(doubtful);
        }
      } catch (error) {
        log.error({}, "the watch of the previews' health was lost; it is begun again", error);
        await clock.wait(tickMs, signal).catch(() => undefined);
      }
    }
  })();
  const ticking = (async () => {
    while (!signal.aborted) {
      await clock.wait(tickMs, signal).catch(() => undefined);
      if (!signal.aborted) await lookThrough(doubtful).catch(inTrouble);
    }
  })();
  return async () => {
    unsubscribe();
    ended.abort();
    await Promise.all([watching, ticking]);
  };
}
