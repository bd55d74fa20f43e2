import type { PreviewKey } from "../preview/key.ts";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { environmentName } from "../report/deployment.ts";
import { noteMerged } from "./note-merged.ts";
import { claimAsRead } from "./open-record.ts";
import { callNext } from "./place.ts";
import type { StatusChanges } from "./progress.ts";
import { publish } from "./publish.ts";
import { secondsSince } from "./stages.ts";
import { takeAway } from "./take-away.ts";
import type { World } from "./world.ts";

/**
 * Takes everything of a preview away: its namespace and accounts, GitHub's deployments, and last its record. Says that
 * it is gone only after that is proven.
 */
export async function remove(
  world: World,
  key: PreviewKey,
  pr: PullRequest | "gone",
  found: Preview,
  because: string,
  signal: AbortSignal,
): Promise<void> {
  const claimed = await claimAsRead(world, found, signal);
  const started = world.clock.now().getTime();
  let preview = await world.records.report(claimed, removing(claimed, because), signal);
  await takeAway(world, pr, preview, signal);
  const seconds = secondsSince(world.clock, started);
  world.log.info({ preview: preview.name, seconds, because }, "removed");
  if (pr !== "gone") {
    await world.pullRequests.retireDeployments(key, environmentName(key.number), undefined, signal);
    const stages = [{ name: "remove" as const, seconds }];
    preview = { ...preview, status: { ...preview.status, stages } };
    const told = await publish(world, pr, preview, "removed", signal);
    // Refused where somebody else has ended this meanwhile: then a look puts right what was just said.
    preview = await world.records.report(preview, told, signal);
    if (pr.merged) await noteMerged(world, preview, signal);
  }
  await world.records.remove(preview, signal);
  await callNext(world, signal);
}

/** What was said of why it takes so long stays until there is something else to say. */
function removing({ status }: Preview, because: string): StatusChanges {
  return {
    phase: "Removing",
    reason: because,
    remedy: undefined,
    startedWorkAt: undefined,
    waitingSince: undefined,
    ...(status.phase !== "Removing" && { failure: undefined }),
  };
}
