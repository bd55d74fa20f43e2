import type { WhyAsleep } from "../preview/decide.ts";
import { deployerAccount, namespaceOf } from "../preview/names.ts";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { endOf } from "./deploy.ts";
import { openRecord } from "./open-record.ts";
import { callNext } from "./place.ts";
import { trackProgress } from "./progress.ts";
import type { World } from "./world.ts";

/** As many workloads as a record may hold; the cluster remembers the others' counts itself. */
const mostWorkloads = 200;

/**
 * Scales everything of the preview down, after recording that this has begun: interrupted anywhere, the next look finds
 * it half asleep and ends it one way or the other.
 */
export async function sleep(
  world: World,
  pr: PullRequest,
  found: Preview | undefined,
  because: WhyAsleep,
  signal: AbortSignal,
): Promise<void> {
  const opened = await openRecord(world, pr, found, signal);
  const { phase, namespace, asleep } = opened.status;
  const since = asleep?.since ?? world.clock.now().toISOString();
  const begun = { since, because, workloads: asleep?.workloads ?? [] };
  const falling = await world.records.report(
    opened,
    { asleep: begun, startedWorkAt: undefined, reported: undefined },
    signal,
  );
  if (namespace !== undefined) {
    // A Helm of an interrupted attempt must not scale up again what sleeps.
    if (phase === "Deploying" && asleep === undefined) await fence(world, falling, signal);
    begun.workloads = (await world.cluster.sleep(namespace, signal)).slice(0, mostWorkloads);
  }
  const progress = trackProgress(world, pr, falling, signal);
  await progress.finish(
    {
      phase: "Asleep",
      asleep: begun,
      reason: undefined,
      unwanted: undefined,
      remedy: undefined,
      waitingSince: undefined,
      place: undefined,
      toldPlace: undefined,
      retries: undefined,
      ...(because === "asked" && { observedCommit: pr.head.sha }),
      // An older commit's failure says nothing about this one, which is deployed when it wakes up.
      ...(because === "asked" && opened.status.observedCommit !== pr.head.sha && { failure: undefined }),
      ...(world.rules.lifetime.afterwards === "sleep"
        ? { expiresAt: undefined, warnedFor: undefined }
        : endOf(world, falling, {})),
    },
    () => callNext(world, signal),
  );
}

async function fence(world: World, preview: Preview, signal: AbortSignal): Promise<void> {
  const account = deployerAccount(preview, preview.status.attempt ?? 0);
  const access = await world.cluster.takeOver(namespaceOf(preview.name), account, signal);
  await access.dispose();
}
