import type { Health } from "../src/ports/health.ts";
import type { Log } from "../src/ports/log.ts";
import type { Queue } from "../src/ports/queue.ts";
import type { Records } from "../src/ports/records.ts";

/** Asks for a look at each preview whose pods have changed for better or worse after it was ready. */
export function startHealth(
  health: Health,
  records: Pick<Records, "list">,
  queue: Pick<Queue, "enqueue">,
  log: Log,
): () => Promise<void> {
  const ended = new AbortController();
  const watching = (async () => {
    for await (const name of health.changes(ended.signal)) {
      const record = (await records.list()).find((preview) => preview.name === name);
      // While an attempt is at work it judges by itself.
      if (record?.status.phase !== "Ready" && record?.status.phase !== "Failing") continue;
      const { repository, pullRequest: number, installation } = record.spec;
      const key = { installation, repository: { id: repository.id, nodeId: repository.nodeId }, number };
      await queue.enqueue(key, "check").catch((error: unknown) => log.warn({ record: name }, String(error)));
    }
  })().catch((error: unknown) => log.error({}, "the watch of the previews' health has ended", error));
  return async () => {
    ended.abort();
    await watching;
  };
}
