import type { Intent } from "../preview/decide.ts";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { environmentName } from "../report/deployment.ts";
import { openRecord } from "./open-record.ts";
import { callNext } from "./place.ts";
import { trackProgress } from "./progress.ts";
import { takeAway } from "./take-away.ts";
import type { World } from "./world.ts";

/**
 * Lets nothing run, and says in the pull request why and what can be done about it. What ran before is taken away first;
 * the record stays.
 */
export async function hold(
  world: World,
  pr: PullRequest,
  found: Preview | undefined,
  intent: Extract<Intent, { do: "hold" }>,
  signal: AbortSignal,
): Promise<void> {
  const opened = await openRecord(world, pr, found, signal);
  const { reason, remedy, expired, unwanted } = intent;
  const held = await world.records.report(
    opened,
    {
      phase: "Held",
      // Nothing has been said of it yet; until it has, the sweep comes back.
      reported: undefined,
      reason,
      remedy,
      unwanted,
      observedCommit: pr.head.sha,
      // Kept as the mark of a preview that nobody used: news of any kind bring it back.
      expiresAt: expired ? (opened.status.expiresAt ?? world.clock.now().toISOString()) : undefined,
      warnedFor: undefined,
      startedWorkAt: undefined,
      waitingSince: undefined,
      place: undefined,
      toldPlace: undefined,
      retries: undefined,
      // What holds the namespace stays said until it is gone.
      ...(opened.status.phase !== "Held" && { failure: undefined }),
      images: undefined,
      stages: undefined,
      notices: undefined,
    },
    signal,
  );
  if (held.status.namespace !== undefined) await takeAway(world, pr, held, signal);
  if (held.status.namespace !== undefined || held.status.deployment !== undefined) {
    await world.pullRequests.retireDeployments(pr.key, environmentName(pr.number), undefined, signal);
  }
  const progress = trackProgress(world, pr, held, signal);
  await progress.finish(
    {
      namespace: undefined,
      failure: undefined,
      release: undefined,
      revisions: undefined,
      urls: undefined,
      deployment: undefined,
      deployedCommit: undefined,
      deployedImages: undefined,
      readyAt: undefined,
      asleep: undefined,
    },
    () => callNext(world, signal),
  );
}
