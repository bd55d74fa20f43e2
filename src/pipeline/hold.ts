import type { Intent } from "../preview/decide.ts";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { openRecord } from "./open-record.ts";
import { trackProgress } from "./progress.ts";
import type { World } from "./world.ts";

/** Runs nothing for this commit, and says in the pull request why and what can be done about it. */
export async function hold(
  world: World,
  pr: PullRequest,
  found: Preview | undefined,
  intent: Extract<Intent, { do: "hold" }>,
  signal: AbortSignal,
): Promise<void> {
  const preview = await openRecord(world, pr, found, signal);
  const progress = trackProgress(world, pr, preview, signal);
  await progress.finish({
    phase: "Held",
    reason: intent.reason,
    remedy: intent.remedy,
    observedCommit: pr.head.sha,
    failure: undefined,
  });
}
