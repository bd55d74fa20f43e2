import { isCalled } from "../src/preview/called.ts";
import { type PreviewKey, keyString } from "../src/preview/key.ts";
import type { Phase, Preview } from "../src/preview/preview.ts";
import type { Health } from "../src/ports/health.ts";
import type { Log } from "../src/ports/log.ts";
import type { Queue } from "../src/ports/queue.ts";
import type { Records } from "../src/ports/records.ts";

/** Phases in which nobody works on a preview, so that its pods' news are news. */
const settled = new Set<Phase | undefined>(["Ready", "Failing"]);

/** Phases that an attempt leaves by itself, unless its worker or the queue was lost. */
const underWay = new Set<Phase | undefined>([undefined, "Waiting", "Building", "Deploying", "Removing"]);

export type WatchedRecords = Pick<Records, "list"> & { subscribe(listener: () => void): () => void };

/**
 * Asks for a look at each preview that the cluster has news of: its pods have changed for better or worse, somebody
 * deleted its record, or somebody visits it while it sleeps; and once at the start at each that was under way when the
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

  /** What each record was asked for last, so that its further changes ask for nothing. */
  const asked = new Map<string, string>();
  const askForNews = async (): Promise<void> => {
    const previews = await records.list();
    const due = previews.flatMap((preview) => {
      const news = newsOf(preview);
      if (news === undefined || asked.get(preview.uid) === news) return [];
      asked.set(preview.uid, news);
      return [{ preview, news }];
    });
    if (asked.size > previews.length) {
      const known = new Set(previews.map(({ uid }) => uid));
      for (const uid of asked.keys()) if (!known.has(uid)) asked.delete(uid);
    }
    await Promise.all(
      due.map(async ({ preview, news }) => {
        const taken = await ask(preview);
        // The record's next change, or the sweep, asks again.
        if (!taken && asked.get(preview.uid) === news) asked.delete(preview.uid);
      }),
    );
  };
  const unsubscribe = records.subscribe(() => {
    askForNews().catch((error: unknown) => log.error({}, "the records could not be looked through", error));
  });
  await askForNews();
  for (const preview of await records.list()) {
    if (underWay.has(preview.status.phase) && newsOf(preview) === undefined) await ask(preview);
  }

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

/** What has happened to a record beside the pipeline, in a word that differs each time it happens. */
function newsOf({ deleting, status }: Preview): string | undefined {
  if (deleting) return "deleted";
  return isCalled(status) ? `called ${status.asleep?.since}` : undefined;
}

function keyOf({ spec }: Preview): PreviewKey {
  const { repository, pullRequest: number, installation } = spec;
  return { installation, repository: { id: repository.id, nodeId: repository.nodeId }, number };
}
