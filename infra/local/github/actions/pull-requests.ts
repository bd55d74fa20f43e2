import { type GitHub, timestamp } from "../context.ts";
import { countCommits, isAncestor, mergeBase, sizeOf } from "../git/history.ts";
import { mergedTree, writeCommit } from "../git/write.ts";
import { presentPullRequestEvent } from "../present/pull-requests.ts";
import type { PullRequestRecord, RepositoryRecord, UserRecord } from "../store/records.ts";
import { announce } from "../webhooks/events.ts";
import { invalid, Refusal } from "./refusal.ts";
import { exclusively, networkOf, requireRole } from "./roles.ts";

export interface NewPullRequest {
  readonly title: string;
  readonly body?: string | null | undefined;
  /** A branch of the repository, or `owner:branch` of one of its network. */
  readonly head: string;
  readonly base: string;
  readonly draft?: boolean | undefined;
  /** Whether the app is told; it is, unless this says no. */
  readonly isAnnounced?: boolean | undefined;
}

/** Opens a pull request. */
export function openPullRequest(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  wanted: NewPullRequest,
): Promise<PullRequestRecord> {
  requireRole(repository, actor, "read");
  return exclusively(github, repository, async () => {
    const source = sourceOf(github, repository, wanted.head);
    requireRole(source.repository, actor, "write");
    const [headSha, baseSha] = await Promise.all([
      github.git.branch(source.repository.id, source.ref),
      github.git.branch(repository.id, wanted.base),
    ]);
    if (headSha === undefined) throw invalid("PullRequest", "head", "head is not a branch");
    if (baseSha === undefined) throw invalid("PullRequest", "base", "base is not a branch");
    refuseDuplicate(github, repository, source, wanted.base);
    const pull = newPullRequest(github, actor, repository, wanted, source, { headSha, baseSha });
    await measure(github, repository, pull);
    if (pull.size.commits === 0) {
      await github.git.deleteRef(repository.id, `refs/pull/${pull.number}/head`);
      throw invalid("PullRequest", "head", `No commits between ${wanted.base} and ${source.ref}`);
    }
    recordOpened(github, actor, repository, pull, { isAnnounced: wanted.isAnnounced ?? true });
    return pull;
  });
}

/** Writes down that a pull request is open; its refs are there already. */
export function recordOpened(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
  { isAnnounced }: { readonly isAnnounced: boolean },
): void {
  repository.nextNumber += 1;
  repository.threads.push(pull);
  github.store.changed(repository);
  if (isAnnounced) announcePullRequest(github, repository, pull, actor, "opened");
}

interface Source {
  readonly repository: RepositoryRecord;
  readonly ref: string;
}

function sourceOf(github: GitHub, repository: RepositoryRecord, head: string): Source {
  const colon = head.indexOf(":");
  if (colon === -1) return { repository, ref: head };
  const owner = github.store.userByLogin(head.slice(0, colon));
  const found = github.store
    .repositories()
    .find(
      (candidate) => candidate.ownerId === owner?.id && networkOf(github, candidate) === networkOf(github, repository),
    );
  if (found === undefined) throw invalid("PullRequest", "head", "head names no fork of this repository");
  return { repository: found, ref: head.slice(colon + 1) };
}

function refuseDuplicate(github: GitHub, repository: RepositoryRecord, source: Source, base: string): void {
  const known = github.store
    .pullRequests(repository)
    .find(
      (pull) =>
        pull.state === "open" &&
        pull.head.repositoryId === source.repository.id &&
        pull.head.ref === source.ref &&
        pull.base.ref === base,
    );
  if (known === undefined) return;
  const owner = github.store.user(source.repository.ownerId).login;
  throw invalid("PullRequest", "head", `A pull request already exists for ${owner}:${source.ref}.`);
}

function newPullRequest(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  wanted: NewPullRequest,
  source: Source,
  { headSha, baseSha }: { readonly headSha: string; readonly baseSha: string },
): PullRequestRecord {
  const now = timestamp(github);
  return {
    kind: "pull",
    id: github.store.nextId(),
    pullId: github.store.nextId(),
    number: repository.nextNumber,
    authorId: actor.id,
    createdAt: now,
    updatedAt: now,
    title: wanted.title,
    body: wanted.body ?? null,
    state: "open",
    closedAt: null,
    closedById: null,
    labelIds: [],
    comments: [],
    reactions: [],
    draft: wanted.draft ?? false,
    head: {
      repositoryId: source.repository.id,
      ownerId: source.repository.ownerId,
      ref: source.ref,
      sha: headSha,
    },
    base: { ref: wanted.base, sha: baseSha },
    mergeable: null,
    mergeCommitSha: null,
    mergedAt: null,
    mergedById: null,
    size: { additions: 0, deletions: 0, changedFiles: 0, commits: 0 },
  };
}

/** Brings what git knows of a pull request up to date: its refs, its size and the outcome of a test merge. */
export async function measure(github: GitHub, repository: RepositoryRecord, pull: PullRequestRecord): Promise<void> {
  const { git } = github;
  const path = git.pathOf(repository.id);
  const { sha: head } = pull.head;
  const base = await git.branch(repository.id, pull.base.ref);
  if (base === undefined) throw new Error(`the base branch ${pull.base.ref} is gone`);
  if (pull.head.repositoryId !== null) {
    await git.copyCommit(pull.head.repositoryId, head, repository.id, `refs/pull/${pull.number}/head`);
  }
  const [ancestor, commits, tree] = await Promise.all([
    mergeBase(path, base, head),
    countCommits(path, `${base}..${head}`),
    mergedTree(path, base, head),
  ]);
  pull.size = { ...(await sizeOf(path, ancestor, head)), commits };
  pull.mergeable = tree !== undefined;
  pull.mergeCommitSha = null;
  if (tree === undefined) return;
  pull.mergeCommitSha = await writeCommit(path, {
    tree,
    parents: [base, head],
    message: `Merge ${head} into ${base}`,
    author: { name: "GitHub", email: "noreply@github.com", at: github.now() },
  });
  await git.moveRef(repository.id, `refs/pull/${pull.number}/merge`, pull.mergeCommitSha);
}

/** Tells the app of something that happened to a pull request. */
export function announcePullRequest(
  github: GitHub,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
  sender: UserRecord,
  action: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  announce(github, repository, sender, "pull_request", action, {
    number: pull.number,
    pull_request: presentPullRequestEvent(github, repository, pull),
    ...more,
  });
}

/** Closes a pull request without merging. */
export function closePullRequest(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
): Promise<void> {
  requireOwnOr(repository, actor, pull, "triage");
  return exclusively(github, repository, async () => {
    if (pull.state === "open") await recordClosed(github, repository, pull, actor);
  });
}

/** Writes down that a pull request is closed and tells the app; for use where the repository is already held. */
export async function recordClosed(
  github: GitHub,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
  actor: UserRecord,
): Promise<void> {
  const now = timestamp(github);
  pull.state = "closed";
  pull.closedAt = now;
  pull.closedById = actor.id;
  pull.updatedAt = now;
  github.store.changed(repository);
  await github.git.deleteRef(repository.id, `refs/pull/${pull.number}/merge`);
  announcePullRequest(github, repository, pull, actor, "closed");
}

/** Opens a closed pull request again, at its branch's present commit. */
export function reopenPullRequest(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
): Promise<void> {
  requireOwnOr(repository, actor, pull, "triage");
  return exclusively(github, repository, async () => {
    if (pull.state === "open") return;
    if (pull.mergedAt !== null) throw cannotReopen("The pull request is merged.");
    const { repositoryId, ref } = pull.head;
    const tip = repositoryId === null ? undefined : await github.git.branch(repositoryId, ref);
    if (repositoryId === null || tip === undefined) throw cannotReopen(`The ${ref} branch has been deleted.`);
    if ((await github.git.branch(repository.id, pull.base.ref)) === undefined) {
      throw cannotReopen(`The ${pull.base.ref} branch has been deleted.`);
    }
    if (!(await isAncestor(github.git.pathOf(repositoryId), pull.head.sha, tip))) {
      throw cannotReopen(`The ${ref} branch was force-pushed or recreated.`);
    }
    pull.head.sha = tip;
    await measure(github, repository, pull);
    pull.state = "open";
    pull.closedAt = null;
    pull.closedById = null;
    pull.updatedAt = timestamp(github);
    github.store.changed(repository);
    announcePullRequest(github, repository, pull, actor, "reopened");
  });
}

function cannotReopen(reason: string): Refusal {
  return invalid("PullRequest", "state", `state cannot be changed. ${reason}`);
}

/** Refuses who neither wrote the pull request nor has the role. */
export function requireOwnOr(
  repository: RepositoryRecord,
  actor: UserRecord,
  thing: { readonly authorId: number },
  role: "triage" | "write",
): void {
  requireRole(repository, actor, thing.authorId === actor.id ? "read" : role);
}
