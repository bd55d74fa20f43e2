import { needsOf } from "../policy/capacity.ts";
import { expiryStatus } from "../policy/lifetime.ts";
import { dueRebuild } from "../policy/wishes.ts";
import { isTold, retryReason } from "../policy/retry.ts";
import type { Tier } from "../preview/decide.ts";
import { type Failure, failureOf, FailureError } from "../preview/failure.ts";
import { namespaceOf } from "../preview/names.ts";
import { pinnedAt, withRevision } from "../preview/pinned.ts";
import type { ImageStatus, Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { SupersededError } from "../ports/records.ts";
import { attempt } from "./attempt.ts";
import { openRecord } from "./open-record.ts";
import { callNext, isNews, takePlace, wait } from "./place.ts";
import { rollBack } from "./roll-back.ts";
import { type Progress, type StatusChanges, trackProgress } from "./progress.ts";
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
  tier: Tier,
  signal: AbortSignal,
): Promise<void> {
  const opened = await openRecord(world, pr, found, signal);
  const { preview, line } = await takePlace(world, opened, needsOf(found, false), beginning(world, pr, opened), signal);
  if (line !== undefined) return await wait(world, pr, preview, line, signal);

  const progress = trackProgress(world, pr, preview, signal, { quiet: (preview.status.retries ?? 0) > 0 });
  const stages = measureStages(world.clock);
  const rebuild = dueRebuild(preview);
  const pinned = pinnedAt(preview, pr.head.sha);
  let outcome: StatusChanges;
  try {
    // Recorded before there is one, so that it is never forgotten.
    const namespace = namespaceOf(preview.name);
    await progress.update({ namespace, waitingSince: undefined, place: undefined, toldPlace: undefined });
    const work = { pr, tier, progress, stages, rebuild };
    const images =
      pinned === undefined ? await attempt(world, work, signal) : await rollBack(world, work, pinned, signal);
    const { status } = progress.preview();
    const commit = pinned?.commit ?? pr.head.sha;
    outcome = {
      phase: "Ready",
      deployedCommit: commit,
      ...(status.release !== undefined && {
        revisions: withRevision(status, { release: status.release.name, revision: status.release.revision, commit }),
      }),
      deployedImages: images.map(({ reference }) => reference),
      readyAt: world.clock.now().toISOString(),
    };
  } catch (error) {
    if (signal.aborted || error instanceof SupersededError) {
      await progress.ended();
      throw error;
    }
    const failure = failureOf(error);
    const fields = { preview: preview.name, code: failure.code, kind: failure.kind };
    if (failure.kind === "transient") {
      world.log.warn(fields, failure.what);
      await tryAgainLater(world, progress, failure, signal);
      throw error instanceof FailureError ? error : new FailureError(failure, { cause: error });
    }
    if (failure.kind === "user") world.log.info(fields, failure.what);
    else world.log.error(fields, failure.what, error);
    outcome = { phase: "Failed", failure, images: progress.preview().status.images?.map(notGoingOn) };
  }
  const rebuilt = rebuild?.token ?? preview.status.rebuilt;
  const done = { ...outcome, rebuilt, stages: stages.finished(), startedWorkAt: undefined, retries: undefined };
  await progress.finish({ ...done, ...endOf(world, progress.preview(), done) }, () => callNext(world, signal));
}

/** What the record says while the work begins: nothing of an earlier commit's. */
function beginning(world: World, pr: PullRequest, { spec, status }: Preview): StatusChanges {
  const now = world.clock.now().toISOString();
  return {
    phase: "Building",
    reason: undefined,
    remedy: undefined,
    unwanted: undefined,
    failure: undefined,
    observedCommit: pr.head.sha,
    // Of the commits that were ready, the last one that is not this one; none once everything was taken away.
    ...(status.deployedCommit !== pr.head.sha && { previousCommit: status.deployedCommit }),
    redone: spec.redo?.token,
    images: undefined,
    stages: undefined,
    notices: undefined,
    readyAt: undefined,
    expiresAt: undefined,
    warnedFor: undefined,
    startedAt: now,
    ...(isNews(status, pr.head.sha) && { lastActivityAt: now }),
  };
}

/** Gives the place back while this waits: what keeps failing must not keep others from working. */
async function tryAgainLater(world: World, progress: Progress, failure: Failure, signal: AbortSignal): Promise<void> {
  const retries = (progress.preview().status.retries ?? 0) + 1;
  const reason = retryReason(failure, retries);
  const changes: StatusChanges = { phase: "Waiting", reason, remedy: undefined, startedWorkAt: undefined, retries };
  await progress.leave(changes, isTold(retries));
  await callNext(world, signal);
}

/** When a preview of that status goes unless somebody uses it. */
export function endOf({ clock, rules }: World, preview: Preview, changes: StatusChanges): StatusChanges {
  const merged = Object.fromEntries(
    Object.entries({ ...preview.status, ...changes }).filter(([, value]) => value !== undefined),
  );
  return expiryStatus({ ...preview, status: merged }, rules.lifetime, clock.now());
}

/** A failure ends the builds that it did not come from. */
function notGoingOn(image: ImageStatus): ImageStatus {
  return image.outcome === "building" || image.outcome === "pending" ? { ...image, outcome: "cancelled" } : image;
}
