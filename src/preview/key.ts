import type { Preview } from "./preview.ts";

/** What identifies a pull request for ever: renames and transfers of its repository change none of it. */
export type PreviewKey = {
  /** Installation of the GitHub App through which the repository is reached. */
  installation: number;
  /** Numeric id and GraphQL node id of the base repository. */
  repository: { id: number; nodeId: string };
  /** Number of the pull request. */
  number: number;
};

/** The key of a record's pull request. */
export function keyOf({ spec }: Pick<Preview, "spec">): PreviewKey {
  const { repository, pullRequest: number, installation } = spec;
  return { installation, repository: { id: repository.id, nodeId: repository.nodeId }, number };
}

/** The key as one string, for queues and logs: `repositoryId/number`. The installation is only the way there. */
export function keyString(key: PreviewKey): string {
  return `${key.repository.id}/${key.number}`;
}

export function sameKey(a: PreviewKey, b: PreviewKey): boolean {
  return a.repository.id === b.repository.id && a.number === b.number;
}
