import { decide } from "../preview/decide.ts";
import { keyString, type PreviewKey } from "../preview/key.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { SupersededError } from "../ports/records.ts";
import { checkHealth } from "./check-health.ts";
import { deploy } from "./deploy.ts";
import { hold } from "./hold.ts";
import { remove } from "./remove.ts";
import type { World } from "./world.ts";

/**
 * Looks at one pull request and its record, decides, and does it. May run any number of times, be stopped anywhere and
 * come late: it starts from what is there. Rejects only with a transient failure, which the queue tries again.
 */
export async function reconcile(
  world: World,
  key: PreviewKey,
  signal: AbortSignal,
  /** Told which commit is worked on, so that news of another one can stop this. */
  onCommit: (commit: string) => void,
): Promise<void> {
  try {
    const found = await world.records.find(key, signal);
    const pr = await world.pullRequests.read(key, found?.status.comment, signal);
    const intent = decide(pr, found);
    world.log.info({ preview: keyString(key), intent: intent.do, record: found?.name }, "decided");
    switch (intent.do) {
      case "nothing":
        return;
      case "remove":
        if (found !== undefined) await remove(world, key, pr, found, intent.because, signal);
        if (intent.reopen) await world.queue.enqueue(key, "change");
        return;
      case "hold":
        return await hold(world, here(pr), found, intent, signal);
      case "deploy":
        onCommit(intent.commit);
        return await deploy(world, here(pr), found, intent, signal);
      case "check-health":
        if (found === undefined || (await checkHealth(world, here(pr), found, signal)) === "told") return;
        world.log.warn({ preview: found.name }, "its objects were taken away by someone else; it is deployed anew");
        onCommit(intent.commit);
        return await deploy(world, here(pr), found, intent, signal);
    }
  } catch (error) {
    // Whoever took over finishes the work; an aborted signal means that a newer look is already waiting.
    if (error instanceof SupersededError || signal.aborted) return;
    throw error;
  }
}

/** Narrows after a decision that is only made for a pull request that exists. */
function here(pr: PullRequest | "gone"): PullRequest {
  if (pr === "gone") throw new Error("decided to work on a pull request that is gone");
  return pr;
}
