import { isFork, permissions, type Permission, type PullRequest } from "../preview/pull-request.ts";

export type Trusted = { trusted: true; tier: "trusted" | "fork" };
export type Held = { trusted: false; reason: string; remedy: string };

function canWrite(permission: Permission): boolean {
  return permissions.indexOf(permission) >= permissions.indexOf("write");
}

/**
 * Whether code of this pull request may be read, built and run. Whoever could push a branch to the base repository is
 * trusted with a preview of it; everyone else waits until that very commit is approved.
 */
export function trust(pr: PullRequest, approvedCommit: string | undefined): Trusted | Held {
  const repository = `${pr.owner}/${pr.repository}`;
  if (!isFork(pr)) {
    // A bot cannot be a collaborator; its branch in the base repository shows that it may write there.
    if (usesOwnConfiguration(pr)) return { trusted: true, tier: "trusted" };
    if (approvedCommit === pr.head.sha) return { trusted: true, tier: "trusted" };
    return {
      trusted: false,
      reason: `${pr.author.login} has ${pr.author.permission} permission on ${repository}; previews run by themselves for people who may write to it.`,
      remedy: `Someone with write permission can let this commit run: ${approving(pr)}.`,
    };
  }
  if (approvedCommit === pr.head.sha) return { trusted: true, tier: "fork" };
  return {
    trusted: false,
    reason:
      pr.head.repositoryId === undefined
        ? "The repository that this pull request comes from has been deleted."
        : "This pull request comes from a fork. Nothing of this commit has been read, built or run.",
    remedy: `After reviewing the code, someone with write permission on ${repository} can let this commit run: ${approving(pr)}.`,
  };
}

/**
 * Whether the pull request's own greenroom.yaml counts. Where somebody else has to approve a commit, only what is merged
 * already does: nobody should have to look for a change of a configuration between the lines of another one.
 */
export function usesOwnConfiguration(pr: PullRequest): boolean {
  return !isFork(pr) && (pr.author.bot || canWrite(pr.author.permission));
}

/** How this very commit is approved, in full, so that an approval can be held against what was shown. */
export function approving(pr: PullRequest): string {
  return `\`/preview approve ${pr.head.sha}\``;
}
