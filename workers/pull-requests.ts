import { failureOf } from "../src/preview/failure.ts";
import { keyString } from "../src/preview/key.ts";
import { reconcile } from "../src/pipeline/reconcile.ts";
import type { World } from "../src/pipeline/world.ts";
import type { Log } from "../src/ports/log.ts";
import type { Announcement, Queue } from "../src/ports/queue.ts";

/** Reconciles pull requests from the queue until the returned function is called. */
export async function startPullRequests(queue: Queue, world: World, log: Log): Promise<() => Promise<void>> {
  /** Commit that is being worked on, by key. */
  const commits = new Map<string, string>();
  /** What was announced of a key while its pull request was still being read, as it may have been before that. */
  const early = new Map<string, Announcement>();
  return await queue.consume(
    async (key, signal) => {
      const name = keyString(key);
      const outdated = new AbortController();
      const begin = (commit: string): void => {
        commits.set(name, commit);
        const announced = early.get(name);
        if (announced !== undefined && isPointless(commit, announced)) outdated.abort(new Error("outdated when read"));
      };
      try {
        await reconcile(world, key, AbortSignal.any([signal, outdated.signal]), begin);
      } catch (error) {
        if (outdated.signal.aborted) return;
        const { code, what, kind } = failureOf(error);
        if (kind === "transient") log.warn({ key: name, code }, what);
        else log.error({ key: name, code }, what, error);
        throw error;
      } finally {
        commits.delete(name);
        early.delete(name);
        // The announcement may have overtaken its own job, and this one be that.
        if (outdated.signal.aborted) await queue.enqueue(key, "change");
      }
    },
    (announcement) => {
      const name = keyString(announcement.key);
      const commit = commits.get(name);
      if (commit === undefined) early.set(name, announcement);
      return commit !== undefined && isPointless(commit, announcement);
    },
  );
}

/** Work is pointless once another commit is the head or nobody wants a preview any more. */
function isPointless(commit: string, { head, closed }: Announcement): boolean {
  return closed || (head !== undefined && head !== commit);
}
