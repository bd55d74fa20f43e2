import type { GitHub } from "../../context.ts";
import { type ChangedFile, changedFiles, type Commit, commits } from "../../git/history.ts";
import { comparedWith } from "../../rest/pulls.ts";
import type { PullRequestRecord, RepositoryRecord } from "../../store/records.ts";

const mostCommits = 250;

/** The commits of a pull request, oldest first. */
export async function commitsOf(
  github: GitHub,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
): Promise<Commit[]> {
  const range = [pull.head.sha, `^${await comparedWith(github, repository, pull)}`];
  return (await commits(github.git.pathOf(repository.id), range, mostCommits)).toReversed();
}

/** The files that a pull request changes. */
export async function filesOf(
  github: GitHub,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
): Promise<ChangedFile[]> {
  const from = await comparedWith(github, repository, pull);
  return changedFiles(github.git.pathOf(repository.id), from, pull.head.sha);
}
