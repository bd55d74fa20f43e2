import type { Commit } from "../../git/history.ts";
import type { PullRequestRecord, RepositoryRecord, UserRecord } from "../../store/records.ts";
import { path } from "../markup.ts";
import type { Site } from "../site.ts";

/** A pull request and what its page is made from. */
export interface Subject {
  readonly site: Site;
  readonly repository: RepositoryRecord;
  readonly pull: PullRequestRecord;
  readonly viewer: UserRecord;
  /** Oldest first. */
  readonly commits: readonly Commit[];
}

export type PullState = "open" | "draft" | "merged" | "closed";

export function stateOf(pull: PullRequestRecord): PullState {
  if (pull.mergedAt !== null) return "merged";
  if (pull.state === "closed") return "closed";
  return pull.draft ? "draft" : "open";
}

export const stateWords: Readonly<Record<PullState, string>> = {
  open: "Open",
  draft: "Draft",
  merged: "Merged",
  closed: "Closed",
};

/** A repository's page. */
export function repositoryPath({ github }: Site, repository: RepositoryRecord): string {
  return path(github.store.user(repository.ownerId).login, repository.name);
}

/** A pull request's page. */
export function pullPath(site: Site, repository: RepositoryRecord, pull: PullRequestRecord): string {
  return `${repositoryPath(site, repository)}/pull/${pull.number}`;
}

/** Where the page's buttons and its live changes are. */
export function pullAction(site: Site, repository: RepositoryRecord, pull: PullRequestRecord, verb: string): string {
  const owner = site.github.store.user(repository.ownerId).login;
  return path("-", "pull", owner, repository.name, pull.number, verb);
}

/** "owner:branch" where the branch is another repository's, else the branch. */
export function headLabel({ github }: Site, repository: RepositoryRecord, pull: PullRequestRecord): string {
  const { ownerId, ref, repositoryId } = pull.head;
  if (repositoryId === null) return `unknown repository:${ref}`;
  return repositoryId === repository.id ? ref : `${github.store.user(ownerId).login}:${ref}`;
}
