import type { Said } from "./conversation.ts";

/**
 * A pull request as a list shows it. `version` differs after every change of it, comments included, of which
 * `changedAt` is the last; `traits` names its draft state, labels and base branch.
 */
export type OpenPullRequest = { number: number; head: string; version: string; changedAt: Date; traits: string };

/** A comment with the number of the pull request, or issue, that it is under. */
export type SaidUnder = Said & { pullRequest: number };

/** A repository that the app may see, with its open pull requests. */
export type OpenPullRequests = {
  installation: number;
  repository: { id: number; nodeId: string };
  pullRequests: readonly OpenPullRequest[];
};

/** What could not be read now: one repository, or whatever an installation has. */
export type Unread = { repository: number; installation: number } | { installation: number };

/** Where the app is installed, for whoever compares everything with everything. */
export type Installations = {
  /**
   * All open pull requests of all installations, repository by repository, also of repositories that have none. What has
   * not changed since it was asked last costs nothing of GitHub's limit. What cannot be read is left out and named by
   * `onTrouble`, so that nobody takes it for something without pull requests. Installations that are suspended count as
   * none. Rejects where the installations themselves cannot be listed.
   */
  openPullRequests(
    signal: AbortSignal,
    onTrouble: (unread: Unread, error: unknown) => void,
  ): AsyncIterable<OpenPullRequests>;
  /**
   * Comments that were written or edited since then in a repository that was among those, whoever wrote them. Asked once
   * more for the same moment, it costs nothing of GitHub's limit while there is nothing new.
   */
  comments(
    of: { installation: number; repository: { id: number } },
    since: Date,
    signal: AbortSignal,
  ): Promise<SaidUnder[]>;
};
