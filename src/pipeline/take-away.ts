import { failureOf, FailureError } from "../preview/failure.ts";
import { namespaceOf } from "../preview/names.ts";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { SupersededError } from "../ports/records.ts";
import { publish } from "./publish.ts";
import type { World } from "./world.ts";

/**
 * Takes the namespace away with all that is in it and resolves when it is proven gone. Where something holds it, record
 * and comment say what, and this rejects with a transient failure: it is tried again later, and nobody waits for it.
 */
export async function takeAway(
  world: World,
  pr: PullRequest | "gone",
  preview: Preview,
  signal: AbortSignal,
): Promise<void> {
  try {
    await world.cluster.remove(namespaceOf(preview.name), preview.uid, signal);
  } catch (error) {
    if (signal.aborted || error instanceof SupersededError) throw error;
    const failure = failureOf(error);
    world.log.warn({ preview: preview.name, code: failure.code }, failure.what);
    const { kind: _, ...held } = failure;
    const known = preview.status.failure;
    if (known?.code !== held.code || known.what !== held.what) {
      const reported = await world.records.report(preview, { failure: { ...held, kind: "transient" } }, signal);
      await say(world, pr, reported, signal);
    }
    throw new FailureError({ ...failure, kind: "transient" }, { cause: error });
  }
}

/** Says what holds it, as far as GitHub can be told now: the next try comes anyway. */
async function say(world: World, pr: PullRequest | "gone", preview: Preview, signal: AbortSignal): Promise<void> {
  if (pr === "gone") return;
  try {
    const told = await publish(world, pr, preview, "working", signal);
    await world.records.report(preview, told, signal);
  } catch (error) {
    if (signal.aborted || error instanceof SupersededError) throw error;
    world.log.warn({ preview: preview.name }, `not reported: ${String(error)}`);
  }
}
