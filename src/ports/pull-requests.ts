import type { CheckReport, DeploymentReport } from "../report/reports.ts";
import type { PreviewKey } from "../preview/key.ts";
import type { PullRequest } from "../preview/pull-request.ts";

/** How a commit of the base repository may be fetched. The password is short-lived and reads one repository only. */
export type GitAccess = { url: string; username: string; password: string };

/** GitHub's pull requests, as far as Greenroom needs them. Every method rejects with a FailureError. */
export type PullRequests = {
  /** Paths that it changes, old names included; `many` where there are too many to list. One call for each hundred. */
  changedFiles(pr: PullRequest, signal: AbortSignal): Promise<readonly string[] | "many">;
  /** One call. `gone`: the pull request, its repository or the installation no longer exists for us. */
  read(key: PreviewKey, commentId: number | undefined, signal: AbortSignal): Promise<PullRequest | "gone">;
  /**
   * Edits our comment in place, or writes it where it does not exist (any more), and deletes the stray ones that `pr`
   * names. Returns its id.
   */
  comment(pr: PullRequest, id: number | undefined, body: string, signal: AbortSignal): Promise<number>;
  /** Creates or updates the check run of the head commit. Undefined: the permission for it is missing. */
  check(pr: PullRequest, id: number | undefined, report: CheckReport, signal: AbortSignal): Promise<number | undefined>;
  /** Creates the deployment and sets its status. Undefined: the permission for it is missing. */
  deployment(
    pr: PullRequest,
    id: number | undefined,
    report: DeploymentReport,
    signal: AbortSignal,
  ): Promise<number | undefined>;
  /** Sets every deployment of the pull request's environment inactive and deletes it. */
  retireDeployments(key: PreviewKey, environment: string, keep: number | undefined, signal: AbortSignal): Promise<void>;
  gitAccess(pr: PullRequest, signal: AbortSignal): Promise<GitAccess>;
};
