import type { GitHub } from "../context.ts";
import type { PullRequestRecord, RepositoryRecord, UserRecord } from "../store/records.ts";
import { openPullRequest, recordOpened } from "./pull-requests.ts";
import { pushCommit } from "./pushes.ts";
import { Refusal } from "./refusal.ts";
import { createRepository } from "./repositories.ts";
import { exclusively } from "./roles.ts";

export interface Plenty {
  /** What names of repositories begin with; a number follows. */
  readonly prefix: string;
  readonly repositories: number;
  readonly pullRequests: number;
  /** Whether the app is told of each pull request. */
  readonly webhooks: boolean;
}

/**
 * Makes many repositories with many open pull requests each, fast: git's work is done once and copied, so all branches
 * `change-N` begin at one commit. Everything else is as if people had made them one by one.
 */
export async function createPlenty(
  github: GitHub,
  owner: UserRecord,
  { prefix, repositories, pullRequests, webhooks }: Plenty,
): Promise<RepositoryRecord[]> {
  const model = await createRepository(github, owner, { name: `${prefix}-1` });
  const made = [model];
  const pull = await modelPull(github, owner, model, { pullRequests, webhooks });
  for (let number = 2; number <= repositories; number += 1) {
    made.push(await createRepository(github, owner, { name: `${prefix}-${number}` }, model));
  }
  for (const repository of made) {
    while (repository.nextNumber <= pullRequests) {
      const copy = copyOf(github, repository, pull, repository.nextNumber);
      recordOpened(github, owner, repository, copy, { isAnnounced: webhooks });
    }
  }
  return made;
}

/** The one pull request that git really looks at; the refs of the others are made beside it. */
async function modelPull(
  github: GitHub,
  owner: UserRecord,
  repository: RepositoryRecord,
  { pullRequests, webhooks }: Pick<Plenty, "pullRequests" | "webhooks">,
): Promise<PullRequestRecord> {
  await pushCommit(github, owner, repository, { branch: "main", message: "Begin", files: { "README.md": "# Much\n" } });
  const files = { "page.html": "changed\n" };
  const head = await pushCommit(github, owner, repository, { branch: "change-1", message: "Change", files });
  const pull = await openPullRequest(github, owner, repository, {
    title: "Change 1",
    head: "change-1",
    base: "main",
    isAnnounced: webhooks,
  });
  const { mergeCommitSha } = pull;
  if (mergeCommitSha === null) throw new Refusal(422, "The test merge failed.");
  const numbers = Array.from({ length: pullRequests - 1 }, (_, index) => index + 2);
  await exclusively(github, repository, () =>
    github.git.addRefs(
      repository.id,
      numbers.flatMap((number) => [
        [`refs/heads/change-${number}`, head],
        [`refs/pull/${number}/head`, head],
        [`refs/pull/${number}/merge`, mergeCommitSha],
      ]),
    ),
  );
  return pull;
}

function copyOf(
  github: GitHub,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
  number: number,
): PullRequestRecord {
  return {
    ...structuredClone(pull),
    id: github.store.nextId(),
    pullId: github.store.nextId(),
    number,
    title: `Change ${number}`,
    labelIds: [],
    comments: [],
    reactions: [],
    head: { ...pull.head, repositoryId: repository.id, ref: `change-${number}` },
  };
}
