import { approving, trust } from "../policy/trust.ts";
import type { Conversation, Said } from "../ports/conversation.ts";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { shortCommit } from "../report/words.ts";

export type Approval = { commit: string } | { needless: string } | { refused: string };

/**
 * Which commit a person meant to approve. One that is named in full is that one. Otherwise it is the one that our
 * comment showed as held before theirs was written, by GitHub's clock; whatever was pushed since is not meant.
 */
export async function approvalOf(
  world: { conversation: Conversation },
  pr: PullRequest,
  { spec, status }: Preview,
  comment: Said,
  named: string | undefined,
  signal: AbortSignal,
): Promise<Approval> {
  const head = pr.head.sha;
  if (trust(pr, spec.approvedCommit).trusted) return { needless: "This commit needs no approval; it may run already." };
  const help = `Review \`${shortCommit(head)}\`, the newest commit; then ${approving(pr)} lets it run.`;
  if (named !== undefined && !head.startsWith(named)) {
    return { refused: `Nothing was done: \`${named}\` is not the newest commit. ${help}` };
  }
  if (named === head) return { commit: head };
  const id = pr.comment?.id ?? status.comment;
  const shown = id === undefined ? undefined : await world.conversation.find(pr, id, signal);
  if (shown !== undefined && shown.updatedAt < comment.createdAt && showsHeld(shown.body, pr)) return { commit: head };
  return { refused: `Nothing was done: the newest commit was not shown here yet when you wrote that. ${help}` };
}

/** The headline is ours alone, and what is said below it while a commit is held as well. */
function showsHeld(body: string, pr: PullRequest): boolean {
  const [, , headline = ""] = body.split("\n");
  return isHeadlineOfHeld(headline) && body.includes(approving(pr));
}

/** A commit that needs approval is held, or nobody has asked for a preview of it yet. */
function isHeadlineOfHeld(headline: string): boolean {
  return headline.startsWith("**Preview** · held") || headline.startsWith("**Preview** · not made");
}
