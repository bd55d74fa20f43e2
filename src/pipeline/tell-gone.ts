import type { PullRequest } from "../preview/pull-request.ts";
import { environmentName } from "../report/deployment.ts";
import { goneComment, saysGone } from "../report/gone.ts";
import type { World } from "./world.ts";

/**
 * There is no preview. Corrects a comment of ours that says something else: a worker that was stopped while everything
 * was removed has written it.
 */
export async function tellGone(world: World, pr: PullRequest, signal: AbortSignal): Promise<void> {
  const { comment, strayComments } = pr;
  if (comment === undefined || (saysGone(comment.body) && strayComments === undefined)) return;
  const body = saysGone(comment.body) ? comment.body : goneComment(pr.key.repository.id, pr.number);
  await world.pullRequests.comment(pr, comment.id, body, signal);
  // Whoever wrote the wrong one may have made a deployment as well.
  await world.pullRequests.retireDeployments(pr.key, environmentName(pr.number), undefined, signal);
}
