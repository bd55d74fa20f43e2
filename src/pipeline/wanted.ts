import { type Wanted, wanted } from "../policy/triggers.ts";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { readPolicy } from "../project/read-policy.ts";
import type { World } from "./world.ts";

/**
 * Whether operator and base branch want a preview of this pull request. Which files it changes is only asked for where
 * that alone decides.
 */
export async function isWanted(
  world: Pick<World, "pullRequests" | "rules">,
  pr: PullRequest,
  preview: Pick<Preview, "spec"> | undefined,
  signal: AbortSignal,
): Promise<Wanted> {
  const policy = readPolicy(pr.base.config);
  const { previews } = world.rules;
  const first = wanted(pr, policy, previews, undefined);
  if (first !== "needs files") return first;
  // Whoever asked for it has it, whatever files it changes.
  const files = preview?.spec.requested === true ? "many" : await world.pullRequests.changedFiles(pr, signal);
  const last = wanted(pr, policy, previews, files);
  if (last === "needs files") throw new Error("the changed files are known, and asked for");
  return last;
}
