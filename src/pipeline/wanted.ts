import type { CommandName } from "../policy/command-grammar.ts";
import type { Refusal } from "../policy/may.ts";
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

/** Commands that ask for a preview where nothing else does, and those that only mean one that is there. */
const asking: ReadonlySet<CommandName> = new Set(["deploy", "approve"]);
const meaning: ReadonlySet<CommandName> = new Set(["wake", "rebuild", "rollback"]);

/** Why a command comes to nothing, since no preview is wanted of this pull request. */
export async function policyRefusal(
  world: Pick<World, "pullRequests" | "rules">,
  pr: PullRequest,
  { spec }: Pick<Preview, "spec">,
  command: CommandName,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const asks = asking.has(command);
  if (!asks && !meaning.has(command)) return undefined;
  const requested = asks || spec.requested === true;
  const verdict = await isWanted(world, pr, { spec: { ...spec, ...(requested && { requested }) } }, signal);
  if (verdict.wanted || (verdict.onRequest && requested)) return undefined;
  return { reason: verdict.reason, remedy: verdict.remedy };
}
