import type { PullRequest } from "../preview/pull-request.ts";
import { environmentName } from "../report/deployment.ts";
import { goneComment, saysGone } from "../report/gone.ts";
import type { World } from "./world.ts";

/**
 * There is no preview. Takes back what says something else: a worker that was stopped while everything was removed has
 * said it.
 */
export async function tellGone(world: World, pr: PullRequest, signal: AbortSignal): Promise<void> {
  const { comment, strayComments } = pr;
  if (comment === undefined) return;
  const told = saysGone(comment.body);
  if (!told || strayComments !== undefined) {
    const body = told ? comment.body : goneComment(pr.key.repository.id, pr.number);
    await world.pullRequests.comment(pr, comment.id, body, signal);
  }
  await world.pullRequests.retireDeployments(pr.key, environmentName(pr.number), undefined, signal);
}
