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
 * Asks for a look at each preview that the cluster has news of: its pods have changed for better or worse, or somebody
 * deleted its record; and once at the start at each that was under way when the last worker or the queue was lost.
 */
export async function startHealth(
  health: Health,
  records: WatchedRecords,
  queue: Pick<Queue, "enqueue">,
  log: Log,
): Promise<() => Promise<void>> {
  const ended = new AbortController();
  const ask = async (preview: Preview): Promise<void> => {
    const key = keyOf(preview);
    await queue.enqueue(key, "check").catch((error: unknown) => log.warn({ key: keyString(key) }, String(error)));
  };

  const asked = new Set<string>();
  const askForDeleted = async (): Promise<void> => {
    for (const preview of await records.list()) {
      if (!preview.deleting || asked.has(preview.uid)) continue;
      asked.add(preview.uid);
      await ask(preview);
    }
  };
  const unsubscribe = records.subscribe(() => {
    askForDeleted().catch((error: unknown) => log.error({}, "deleted records could not be looked for", error));
  });
  for (const preview of await records.list()) {
    if (preview.deleting || underWay.has(preview.status.phase)) await ask(preview);
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

function keyOf({ spec }: Preview): PreviewKey {
  const { repository, pullRequest: number, installation } = spec;
  return { installation, repository: { id: repository.id, nodeId: repository.nodeId }, number };
}
