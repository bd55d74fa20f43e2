import { failureOf, FailureError } from "../preview/failure.ts";
import { namespaceOf } from "../preview/names.ts";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { SupersededError } from "../ports/records.ts";
import { publish } from "./publish.ts";
import type { World } from "./world.ts";

const longestReason = 500;

/**
 * Takes the namespace away with all that is in it and resolves when it is proven gone. Where something holds it, record
 * and comment say what, and this rejects with a transient failure: it is tried again later, and nobody waits for it.
 */
export async function takeAway(
  world: World,
  pr: PullRequest | "gone",
  preview: Preview,
  because: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await world.cluster.remove(namespaceOf(preview.name), preview.uid, signal);
  } catch (error) {
    if (signal.aborted || error instanceof SupersededError) throw error;
    const failure = failureOf(error);
    world.log.warn({ preview: preview.name, code: failure.code }, failure.what);
    const reason = bounded(`${because.replace(/\.$/, "")}; not gone yet: ${failure.what}`);
    if (preview.status.reason !== reason) {
      const reported = await world.records.report(preview, { reason, remedy: bounded(failure.remedy) }, signal);
      if (pr !== "gone") {
        const told = await publish(world, pr, reported, "working", signal).catch(() => ({}));
        await world.records.report(reported, told, signal);
      }
    }
    throw new FailureError({ ...failure, kind: "transient" }, { cause: error });
  }
}

function bounded(text: string): string {
  return text.length > longestReason ? `${text.slice(0, longestReason - 1).toWellFormed()}…` : text;
}
