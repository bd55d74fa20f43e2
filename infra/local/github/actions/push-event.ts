import { type GitHub, toSeconds } from "../context.ts";
import type { RefUpdate } from "../git/bare.ts";
import { type Commit, changedFiles, commits, isAncestor } from "../git/history.ts";
import { repositoryPage, presentRepository } from "../present/repository.ts";
import { noreplyAddress, presentUser, userOfAddress } from "../present/users.ts";
import type { RepositoryRecord, UserRecord } from "../store/records.ts";
import { announce } from "../webhooks/events.ts";

const nothing = "0".repeat(40);
const mostCommits = 20;

/** Tells the app of a moved branch or tag, if it asked for push events. */
export async function announcePush(
  github: GitHub,
  pusher: UserRecord,
  repository: RepositoryRecord,
  { ref, before, after }: RefUpdate,
): Promise<void> {
  const { store } = github;
  if (!store.directory.app.events.includes("push") || store.installationOf(repository) === undefined) return;
  const path = github.git.pathOf(repository.id);
  const range = after === undefined ? undefined : before === undefined ? [after] : [after, `^${before}`];
  const pushed = range === undefined ? [] : (await commits(path, range, mostCommits)).toReversed();
  const presented = await Promise.all(pushed.map((commit) => presentPushedCommit(github, repository, commit)));
  const page = repositoryPage(github, repository);
  const owner = store.user(repository.ownerId);
  announce(github, repository, pusher, "push", undefined, {
    ref,
    before: before ?? nothing,
    after: after ?? nothing,
    base_ref: null,
    created: before === undefined,
    deleted: after === undefined,
    forced: before !== undefined && after !== undefined && !(await isAncestor(path, before, after)),
    compare: `${page}/compare/${(before ?? nothing).slice(0, 12)}...${(after ?? nothing).slice(0, 12)}`,
    commits: presented,
    head_commit: presented.at(-1) ?? null,
    pusher: { name: pusher.login, email: noreplyAddress(pusher) },
    // In this one event GitHub writes two of the repository's times as numbers.
    repository: {
      ...presentRepository(github, repository),
      owner: { ...presentUser(github, owner), name: owner.login, email: noreplyAddress(owner) },
      created_at: Math.floor(Date.parse(repository.createdAt) / 1000),
      pushed_at: Math.floor(Date.parse(repository.pushedAt) / 1000),
      stargazers: 0,
      master_branch: repository.defaultBranch,
    },
  });
}

async function presentPushedCommit(github: GitHub, repository: RepositoryRecord, commit: Commit) {
  const files = await changedFiles(github.git.pathOf(repository.id), commit.parents[0], commit.sha);
  const paths = (...statuses: readonly string[]): string[] =>
    files.filter((file) => statuses.includes(file.status)).map((file) => file.path);
  const person = ({ name, email }: Commit["author"]) => {
    const user = userOfAddress(github, email);
    return { name, email, ...(user === undefined ? {} : { username: user.login }) };
  };
  return {
    id: commit.sha,
    tree_id: commit.treeSha,
    distinct: true,
    message: commit.message,
    timestamp: toSeconds(new Date(commit.committer.date)),
    url: `${repositoryPage(github, repository)}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    added: paths("added", "copied", "renamed"),
    removed: paths("removed"),
    modified: paths("modified", "changed"),
  };
}
