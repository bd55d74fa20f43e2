import type { Intent } from "../preview/decide.ts";
import { failureOf, FailureError } from "../preview/failure.ts";
import { namespaceOf } from "../preview/names.ts";
import type { ImageStatus, Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { SupersededError } from "../ports/records.ts";
import { attempt } from "./attempt.ts";
import { openRecord } from "./open-record.ts";
import { trackProgress } from "./progress.ts";
import { measureStages } from "./stages.ts";
import type { World } from "./world.ts";

/**
 * Brings the preview to one commit, or says in the pull request why that did not work. Rejects only with a transient
 * failure, which the queue tries again.
 */
export async function deploy(
  world: World,
  pr: PullRequest,
  found: Preview | undefined,
  intent: Extract<Intent, { tier: unknown }>,
  signal: AbortSignal,
): Promise<void> {
  const preview = await openRecord(world, pr, found, signal);
  const progress = trackProgress(world, pr, preview, signal);
  const stages = measureStages(world.clock);
  const started = world.clock.now();
  await progress.update({
    phase: "Building",
    reason: undefined,
    remedy: undefined,
    failure: undefined,
    observedCommit: pr.head.sha,
    namespace: namespaceOf(preview.name),
    images: undefined,
    stages: undefined,
    notices: undefined,
    readyAt: undefined,
    startedAt: started.toISOString(),
    lastActivityAt: started.toISOString(),
  });
  try {
    const images = await attempt(world, { pr, tier: intent.tier, progress, stages }, signal);
    await progress.finish({
      phase: "Ready",
      deployedCommit: pr.head.sha,
      deployedImages: images.map(({ reference }) => reference),
      stages: stages.finished(),
      readyAt: world.clock.now().toISOString(),
      retries: undefined,
    });
  } catch (error) {
    if (signal.aborted || error instanceof SupersededError) throw error;
    const failure = failureOf(error);
    const fields = { preview: preview.name, code: failure.code, kind: failure.kind };
    if (failure.kind === "transient") {
      world.log.warn(fields, failure.what);
      await progress.update({
        phase: "Waiting",
        reason: failure.what,
        retries: (progress.preview().status.retries ?? 0) + 1,
      });
      throw error instanceof FailureError ? error : new FailureError(failure, { cause: error });
    }
    if (failure.kind === "user") world.log.info(fields, failure.what);
    else world.log.error(fields, failure.what, error);
    await progress.finish({
      phase: "Failed",
      failure,
      images: progress.preview().status.images?.map(notGoingOn),
      stages: stages.finished(),
      retries: undefined,
    });
  }
}

/** A failure ends the builds that it did not come from. */
function notGoingOn(image: ImageStatus): ImageStatus {
  return image.outcome === "building" || image.outcome === "pending" ? { ...image, outcome: "cancelled" } : image;
}
