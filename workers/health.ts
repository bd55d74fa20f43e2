import { type PreviewKey, keyString } from "../src/preview/key.ts";
import type { Phase, Preview } from "../src/preview/preview.ts";
import type { Health } from "../src/ports/health.ts";
import type { Log } from "../src/ports/log.ts";
import type { Queue } from "../src/ports/queue.ts";
import type { Records } from "../src/ports/records.ts";
import { createNews } from "./news.ts";

/** Phases in which nobody works on a preview, so that its pods' news are news. */
const settled = new Set<Phase | undefined>(["Ready", "Failing"]);

/** Phases that an attempt leaves by itself, unless its worker or the queue was lost. */
const underWay = new Set<Phase | undefined>([undefined, "Waiting", "Building", "Deploying", "Removing"]);

export type WatchedRecords = Pick<Records, "list"> & { subscribe(listener: () => void): () => void };

/**
 * Asks for a look at each preview that the cluster has news of: its pods have changed for better or worse, somebody
 * deleted its record or wants something else of it, or visits it while it sleeps; and once at the start at each that was under way when the
 * last worker or the queue was lost.
 */
export async function startHealth(
  health: Health,
  records: WatchedRecords,
  queue: Pick<Queue, "enqueue">,
  log: Log,
): Promise<() => Promise<void>> {
  const ended = new AbortController();
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
  const askForNews = async (): Promise<void> => {
    const items = news(await records.list());
    await Promise.all(
      items.map(async ({ preview, forget }) => {
        // The record's next change, or the sweep, asks again.
        if (!(await ask(preview))) forget();
      }),
    );
  };
  const unsubscribe = records.subscribe(() => {
    askForNews().catch((error: unknown) => log.error({}, "the records could not be looked through", error));
  });
  const previews = await records.list();
  await askForNews();
  for (const preview of previews) if (!preview.deleting && underWay.has(preview.status.phase)) await ask(preview);

  const watching = (async () => {
    for await (const name of health.changes(ended.signal)) {
      const record = (await records.list()).find((preview) => preview.name === name);
      // While an attempt is at work it judges by itself.
      if (record !== undefined && settled.has(record.status.phase)) await ask(record);
    }
  })().catch((error: unknown) => log.error({}, "the watch of the previews' health has ended", error));
  return async () => {
    unsubscribe();
    ended.abort();
    await watching;
  };
}

function keyOf({ spec }: Preview): PreviewKey {
  const { repository, pullRequest: number, installation } = spec;
  return { installation, repository: { id: repository.id, nodeId: repository.nodeId }, number };
}
