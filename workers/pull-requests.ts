import { failureOf } from "../src/preview/failure.ts";
import { keyString } from "../src/preview/key.ts";
import { reconcile } from "../src/pipeline/reconcile.ts";
import type { World } from "../src/pipeline/world.ts";
import type { Log } from "../src/ports/log.ts";
import type { Queue } from "../src/ports/queue.ts";

/** Reconciles pull requests from the queue until the returned function is called. */
export async function startPullRequests(queue: Queue, world: World, log: Log): Promise<() => Promise<void>> {
  /** Commit that is being worked on, by key. */
  const commits = new Map<string, string>();
  return await queue.consume(
    async (key, signal) => {
      const name = keyString(key);
      try {
        await reconcile(world, key, signal, (commit) => commits.set(name, commit));
      } catch (error) {
        const { code, what, kind } = failureOf(error);
        if (kind === "transient") log.warn({ key: name, code }, what);
        else log.error({ key: name, code }, what, error);
        throw error;
      } finally {
        commits.delete(name);
      }
    },
    // Work is pointless once another commit is the head or nobody wants a preview any more.
    ({ key, head, closed }) => {
      const commit = commits.get(keyString(key));
      return commit !== undefined && (closed || (head !== undefined && head !== commit));
    },
  );
}
