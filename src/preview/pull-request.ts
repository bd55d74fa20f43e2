import type { ConfigFile } from "../project/read-policy.ts";
import type { PreviewKey } from "./key.ts";

/** Permission of a user on a repository, as GitHub's API names it, least first. */
export const permissions = ["none", "read", "triage", "write", "maintain", "admin"] as const;
export type Permission = (typeof permissions)[number];

/** A pull request as it stands on GitHub at the moment of reading. */
export type PullRequest = {
  key: PreviewKey;
  owner: string;
  repository: string;
  number: number;
  title: string;
  url: string;
  state: "open" | "closed";
  merged: boolean;
  draft: boolean;
  labels: string[];
  author: { login: string; bot: boolean; permission: Permission };
  /** `repositoryId` is undefined where the head repository has been deleted. */
  head: {
    sha: string;
    ref: string;
    repositoryId?: number;
    /** Its branch has a greenroom.yaml; only said of branches of the base repository. */
    configured?: true;
  };
  base: {
    sha: string;
    ref: string;
    /** The greenroom.yaml of the base branch as it is now, where it has one. */
    config?: ConfigFile;
  };
  defaultBranch: string;
  /** Our own comment, found by its recorded id or by its hidden marker. */
  comment?: { id: number; body: string };
  /** Ids of further comments of ours, which a worker that was stopped for long has written beside it. */
  strayComments?: number[];
};

/** A fork is a pull request whose head is in another repository than its base, or in none any more. */
export function isFork(pr: PullRequest): boolean {
  return pr.head.repositoryId !== pr.key.repository.id;
}
