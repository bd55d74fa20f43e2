import { authorAssociation } from "../present/association.ts";
import { changedFiles, commits, mergeBase } from "../git/history.ts";
import { nodeId } from "../present/ids.ts";
import { labelsOf } from "../present/labels.ts";
import { pullRequestPage } from "../present/pull-requests.ts";
import type { CommentRecord, PullRequestRecord, RepositoryRecord } from "../store/records.ts";
import { actorObject } from "./actors.ts";
import { connection, field, type GraphObject, lazy, type PageArguments, pageArguments, type Query } from "./fields.ts";
import { refObject } from "./git-objects.ts";
import { labelObject } from "./labels.ts";
import { visibleRepository } from "./access.ts";

export interface PullRequestsArguments {
  readonly states?: readonly string[];
  readonly headRefName?: string;
  readonly baseRefName?: string;
  readonly labels?: readonly string[];
  readonly orderBy?: { readonly field: string; readonly direction: "ASC" | "DESC" };
}

export function selectPullRequests(
  { github }: Query,
  repository: RepositoryRecord,
  { states, headRefName, baseRefName, labels, orderBy }: PullRequestsArguments,
): PullRequestRecord[] {
  const selected = github.store
    .pullRequests(repository)
    .filter((pull) => states === undefined || states.includes(stateOf(pull)))
    .filter((pull) => headRefName === undefined || pull.head.ref === headRefName)
    .filter((pull) => baseRefName === undefined || pull.base.ref === baseRefName)
    .filter((pull) => labels === undefined || labelsOf(repository, pull).some(({ name }) => labels.includes(name)));
  const time = (pull: PullRequestRecord): number =>
    Date.parse(orderBy?.field === "UPDATED_AT" ? pull.updatedAt : pull.createdAt);
  const ordered = selected.toSorted((one, other) => time(one) - time(other) || one.number - other.number);
  return orderBy?.direction === "DESC" ? ordered.toReversed() : ordered;
}

function stateOf(pull: PullRequestRecord): "OPEN" | "CLOSED" | "MERGED" {
  if (pull.state === "open") return "OPEN";
  return pull.mergedAt === null ? "CLOSED" : "MERGED";
}

function mergeableOf(pull: PullRequestRecord): "MERGEABLE" | "CONFLICTING" | "UNKNOWN" {
  if (pull.state === "closed" || pull.mergeable === null) return "UNKNOWN";
  return pull.mergeable ? "MERGEABLE" : "CONFLICTING";
}

export function pullRequestObject(query: Query, repository: RepositoryRecord, pull: PullRequestRecord): GraphObject {
  const { github, caller } = query;
  const { store } = github;
  const url = pullRequestPage(github, repository, pull);
  const source = pull.head.repositoryId === null ? undefined : store.repositoryById(pull.head.repositoryId);
  const merged = pull.mergedAt !== null;
  const commit = (oid: string): GraphObject => ({ __typename: "Commit", id: nodeId("C", repository.id, oid), oid });
  return {
    __typename: "PullRequest",
    id: nodeId("PR", repository.id, pull.number),
    databaseId: pull.pullId,
    fullDatabaseId: String(pull.pullId),
    number: pull.number,
    title: pull.title,
    body: pull.body ?? "",
    state: stateOf(pull),
    isDraft: pull.draft,
    merged,
    mergedAt: pull.mergedAt,
    mergedBy: lazy(() => (pull.mergedById === null ? null : actorObject(query, store.user(pull.mergedById)))),
    closed: pull.state === "closed",
    closedAt: pull.closedAt,
    createdAt: pull.createdAt,
    updatedAt: pull.updatedAt,
    locked: false,
    maintainerCanModify: false,
    url,
    permalink: url,
    resourcePath: new URL(url).pathname,
    headRefName: pull.head.ref,
    headRefOid: pull.head.sha,
    baseRefName: pull.base.ref,
    baseRefOid: pull.base.sha,
    baseRef: lazy(() => refObject(query, repository, pull.base.ref)),
    headRef: lazy(() =>
      source === undefined || visibleRepository(query, source) === undefined
        ? null
        : refObject(query, source, pull.head.ref),
    ),
    isCrossRepository: pull.head.repositoryId !== repository.id,
    headRepository: lazy(() => visibleRepository(query, source) ?? null),
    headRepositoryOwner: lazy(() => actorObject(query, store.user(pull.head.ownerId))),
    baseRepository: lazy(() => query.repositoryObject(repository)),
    repository: lazy(() => query.repositoryObject(repository)),
    author: lazy(() => actorObject(query, store.user(pull.authorId))),
    authorAssociation: authorAssociation(repository, pull.authorId),
    viewerDidAuthor: isViewer(query, pull.authorId),
    mergeable: mergeableOf(pull),
    mergeCommit: merged && pull.mergeCommitSha !== null ? commit(pull.mergeCommitSha) : null,
    potentialMergeCommit: !merged && pull.mergeCommitSha !== null ? commit(pull.mergeCommitSha) : null,
    additions: pull.size.additions,
    deletions: pull.size.deletions,
    changedFiles: pull.size.changedFiles,
    totalCommentsCount: pull.comments.length,
    // Ordered by their creation, which is the published default.
    labels: field<PageArguments & { orderBy?: unknown }>([...pageArguments, "orderBy"], (args) =>
      connection("LabelConnection", labelsOf(repository, pull), args, (label) => labelObject(query, repository, label)),
    ),
    comments: field<PageArguments>(pageArguments, (args) =>
      connection("IssueCommentConnection", pull.comments, args, (comment) =>
        commentObject(query, repository, pull, comment),
      ),
    ),
    commits: field<PageArguments>(pageArguments, async (args) => {
      const found = await commits(github.git.pathOf(repository.id), [pull.head.sha, `^${pull.base.sha}`], 250);
      return connection("PullRequestCommitConnection", found.toReversed(), args, ({ sha, message, committer }) => ({
        __typename: "PullRequestCommit",
        id: nodeId("C", repository.id, pull.number, sha),
        commit: { ...commit(sha), message, committedDate: committer.date, abbreviatedOid: sha.slice(0, 7) },
      }));
    }),
    files: field<PageArguments>(pageArguments, async (args) => {
      const path = github.git.pathOf(repository.id);
      const from = await mergeBase(path, pull.base.sha, pull.head.sha);
      const files = await changedFiles(path, from, pull.head.sha);
      return connection("PullRequestChangedFileConnection", files, args, (file) => ({
        __typename: "PullRequestChangedFile",
        path: file.path,
        additions: file.additions,
        deletions: file.deletions,
        changeType: changeTypes[file.status],
      }));
    }),
    viewerCanUpdate: caller.kind === "installation" || isViewer(query, pull.authorId),
  };
}

const changeTypes = {
  added: "ADDED",
  removed: "DELETED",
  modified: "MODIFIED",
  renamed: "RENAMED",
  copied: "COPIED",
  changed: "CHANGED",
} as const;

function commentObject(
  query: Query,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
  comment: CommentRecord,
): GraphObject {
  const { github } = query;
  const url = `${pullRequestPage(github, repository, pull)}#issuecomment-${comment.id}`;
  return {
    __typename: "IssueComment",
    id: nodeId("IC", repository.id, pull.number, comment.id),
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    body: comment.body,
    url,
    author: lazy(() => actorObject(query, github.store.user(comment.authorId))),
    authorAssociation: authorAssociation(repository, comment.authorId),
    createdAt: comment.createdAt,
    updatedAt: comment.updatedAt,
    lastEditedAt: comment.updatedAt === comment.createdAt ? null : comment.updatedAt,
    includesCreatedEdit: comment.updatedAt !== comment.createdAt,
    isMinimized: false,
    viewerDidAuthor: isViewer(query, comment.authorId),
  };
}

function isViewer({ github, caller }: Query, userId: number): boolean {
  if (caller.kind === "user") return caller.user.id === userId;
  return caller.kind === "installation" && github.store.directory.app.botId === userId;
}
