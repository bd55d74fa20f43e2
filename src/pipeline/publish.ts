import { createHash } from "node:crypto";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { previewAddress } from "../preview/urls.ts";
import { checkReport } from "../report/checks.ts";
import { comment } from "../report/comment.ts";
import { deploymentReport } from "../report/deployment.ts";
import type { ReportView } from "../report/report-view.ts";
import type { StatusChanges } from "./progress.ts";
import type { World } from "./world.ts";

/** How much is told: the comment while work goes on; everything once it has ended; the last word after removal. */
export type Occasion = "working" | "final" | "removed";

/** Tells GitHub what the record says, and returns what the record has to remember of that. */
export async function publish(
  world: World,
  pr: PullRequest,
  preview: Preview,
  occasion: Occasion,
  signal: AbortSignal,
): Promise<StatusChanges> {
  const { pullRequests } = world;
  const { status } = preview;
  const view = viewOf(world, pr, preview, occasion);
  const deployment = occasion === "final" ? deploymentReport(view) : undefined;
  const saying = [
    // What was seen on GitHub is newer than what the record remembers, which may have been deleted since.
    pullRequests.comment(pr, pr.comment?.id ?? status.comment, comment(view), signal),
    // A check shows that work has begun and how it ended; what lies between is the comment's to tell.
    occasion === "final" || (occasion === "working" && status.check === undefined)
      ? pullRequests.check(pr, status.check, checkReport(view), signal)
      : Promise.resolve(status.check),
    deployment === undefined
      ? Promise.resolve(status.deployment)
      : pullRequests.deployment(pr, status.deployment, deployment, signal),
  ] as const;
  // Where one fails the others are waited for all the same: what is still on its way cannot be found, only doubled.
  await Promise.allSettled(saying);
  const [commentId, checkId, deploymentId] = await Promise.all(saying);
  return {
    comment: commentId,
    check: checkId,
    deployment: deploymentId,
    ...(occasion === "final" ? { reported: fingerprint(view) } : {}),
  };
}

/** Whether GitHub was told, for good, exactly what the record says now, and still shows the comment. */
export function isPublished(world: World, pr: PullRequest, preview: Preview): boolean {
  const view = viewOf(world, pr, preview, "final");
  if (pr.strayComments !== undefined) return false;
  return preview.status.reported === fingerprint(view) && pr.comment?.body.trim() === comment(view).trim();
}

function fingerprint(view: ReportView): string {
  // Which comment it is may become known only by telling, and is no news.
  const { logUrl: _, ...deployment } = deploymentReport(view) ?? {};
  const told = [comment(view), checkReport(view), deployment];
  return createHash("sha256").update(JSON.stringify(told)).digest("hex").slice(0, 32);
}

function viewOf(world: World, pr: PullRequest, preview: Preview, occasion: Occasion): ReportView {
  const removed = preview.status.stages?.find((stage) => stage.name === "remove");
  return {
    preview,
    pullRequest: {
      owner: pr.owner,
      repository: pr.repository,
      repositoryId: pr.key.repository.id,
      number: pr.number,
      commit: pr.head.sha,
      url: pr.url,
    },
    address: previewAddress(preview.name, world.rules.address),
    unused: world.rules.lifetime.afterwards,
    idleHours: world.rules.lifetime.idleHours,
    ...(occasion === "removed" && removed !== undefined ? { removed: { seconds: removed.seconds } } : {}),
  };
}
