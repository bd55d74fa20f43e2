import { type GitHub, timestamp } from "../context.ts";
import type { RefUpdate } from "../git/bare.ts";
import { isAncestor } from "../git/history.ts";
import { type FileChanges, writeCommit, writeTree } from "../git/write.ts";
import { noreplyAddress } from "../present/users.ts";
import type { PullRequestRecord, RepositoryRecord, UserRecord } from "../store/records.ts";
import { announcePullRequest, measure, recordClosed } from "./pull-requests.ts";
import { announcePush } from "./push-event.ts";
import { Refusal } from "./refusal.ts";
import { exclusively, requireRole } from "./roles.ts";

export interface NewCommitOnBranch {
  readonly branch: string;
  /** Where a new branch starts; the default branch unless told. */
  readonly from?: string | undefined;
  readonly message: string;
  readonly files: FileChanges;
}

/** Commits files onto a branch, which is made where it is missing, as if somebody had pushed it. Returns the commit. */
export function pushCommit(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  { branch, from = repository.defaultBranch, message, files }: NewCommitOnBranch,
): Promise<string> {
  requireRole(repository, actor, "write");
  return exclusively(github, repository, async () => {
    const { git } = github;
    const path = git.pathOf(repository.id);
    const before = await git.branch(repository.id, branch);
    const parent = before ?? (await git.branch(repository.id, from));
    const author = { name: actor.name, email: noreplyAddress(actor), at: github.now() };
    const sha = await writeCommit(path, {
      tree: await writeTree(path, parent, files),
      parents: parent === undefined ? [] : [parent],
      message,
      author,
    });
    const ref = `refs/heads/${branch}`;
    await git.moveRef(repository.id, ref, sha, before);
    await recordPush(github, actor, repository, [{ ref, before, after: sha }]);
    return sha;
  });
}

/** Makes a branch at a commit. */
export function createBranch(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  branch: string,
  sha: string,
): Promise<void> {
  requireRole(repository, actor, "write");
  return exclusively(github, repository, async () => {
    if ((await github.git.branch(repository.id, branch)) !== undefined) {
      throw new Refusal(422, "Reference already exists");
    }
    const ref = `refs/heads/${branch}`;
    await github.git.moveRef(repository.id, ref, sha);
    await recordPush(github, actor, repository, [{ ref, before: undefined, after: sha }]);
  });
}

/** Deletes a branch; pull requests from it are closed. */
export function deleteBranch(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  branch: string,
): Promise<void> {
  requireRole(repository, actor, "write");
  return exclusively(github, repository, async () => {
    const before = await github.git.branch(repository.id, branch);
    if (before === undefined) throw new Refusal(422, "Reference does not exist");
    const ref = `refs/heads/${branch}`;
    await github.git.deleteRef(repository.id, ref);
    await recordPush(github, actor, repository, [{ ref, before, after: undefined }]);
  });
}

/** What follows from moved branches: pull requests get new commits, are closed, or turn out to be merged. */
export async function recordPush(
  github: GitHub,
  pusher: UserRecord,
  repository: RepositoryRecord,
  updates: readonly RefUpdate[],
): Promise<void> {
  if (updates.length === 0) return;
  repository.pushedAt = timestamp(github);
  await chooseDefaultBranch(github, repository, updates);
  github.store.changed(repository);
  for (const update of updates) {
    await announcePush(github, pusher, repository, update);
    const branch = /^refs\/heads\/(.*)$/.exec(update.ref)?.[1];
    if (branch === undefined) continue;
    for (const { base, pull } of pullRequestsFrom(github, repository, branch)) {
      await recordHeadMoved(github, pusher, base, pull, update);
    }
    for (const pull of github.store.pullRequests(repository)) {
      if (pull.state === "open" && pull.base.ref === branch) {
        await recordBaseMoved(github, pusher, repository, pull, update);
      }
    }
  }
}

/** The first branch pushed becomes the default where the expected one is not there. */
async function chooseDefaultBranch(
  github: GitHub,
  repository: RepositoryRecord,
  updates: readonly RefUpdate[],
): Promise<void> {
  const { git } = github;
  if ((await git.branch(repository.id, repository.defaultBranch)) !== undefined) return;
  const first = updates.find(({ ref, after }) => ref.startsWith("refs/heads/") && after !== undefined);
  if (first === undefined) return;
  repository.defaultBranch = first.ref.slice("refs/heads/".length);
  await git.setHead(repository.id, first.ref);
}

function pullRequestsFrom(
  github: GitHub,
  source: RepositoryRecord,
  branch: string,
): { readonly base: RepositoryRecord; readonly pull: PullRequestRecord }[] {
  return github.store.repositories().flatMap((base) =>
    github.store
      .pullRequests(base)
      .filter(({ state, head }) => state === "open" && head.repositoryId === source.id && head.ref === branch)
      .map((pull) => ({ base, pull })),
  );
}

async function recordHeadMoved(
  github: GitHub,
  pusher: UserRecord,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
  { after }: RefUpdate,
): Promise<void> {
  if (after === undefined) {
    await recordClosed(github, repository, pull, pusher);
    return;
  }
  const before = pull.head.sha;
  pull.head.sha = after;
  pull.base.sha = (await github.git.branch(repository.id, pull.base.ref)) ?? pull.base.sha;
  pull.updatedAt = timestamp(github);
  await measure(github, repository, pull);
  github.store.changed(repository);
  announcePullRequest(github, repository, pull, pusher, "synchronize", { before, after });
  if (pull.size.commits === 0) await recordClosed(github, repository, pull, pusher);
}

async function recordBaseMoved(
  github: GitHub,
  pusher: UserRecord,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
  { after }: RefUpdate,
): Promise<void> {
  if (after === undefined) {
    await recordClosed(github, repository, pull, pusher);
    return;
  }
  if (await isAncestor(github.git.pathOf(repository.id), pull.head.sha, after)) {
    pull.mergedAt = timestamp(github);
    pull.mergedById = pusher.id;
    pull.mergeCommitSha = after;
    await recordClosed(github, repository, pull, pusher);
    return;
  }
  await measure(github, repository, pull);
  github.store.changed(repository);
}
