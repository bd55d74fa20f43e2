import type { GitHub } from "../context.ts";
import type { PullRequestRecord, RepositoryRecord } from "../store/records.ts";
import { authorAssociation } from "./association.ts";
import { nodeId } from "./ids.ts";
import { presentLabels } from "./labels.ts";
import { presentRepository, repositoryApi, repositoryPage } from "./repository.ts";
import { presentUser } from "./users.ts";

export function pullRequestPage(github: GitHub, repository: RepositoryRecord, pull: PullRequestRecord): string {
  return `${repositoryPage(github, repository)}/pull/${pull.number}`;
}

/** A pull request as lists show it. */
export function presentPullRequestSimple(github: GitHub, repository: RepositoryRecord, pull: PullRequestRecord) {
  const { store } = github;
  const api = `${repositoryApi(github, repository)}/pulls/${pull.number}`;
  const issueApi = `${repositoryApi(github, repository)}/issues/${pull.number}`;
  const page = pullRequestPage(github, repository, pull);
  const statuses = `${repositoryApi(github, repository)}/statuses/${pull.head.sha}`;
  return {
    url: api,
    id: pull.pullId,
    node_id: nodeId("PR", repository.id, pull.number),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issueApi,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: presentUser(github, store.user(pull.authorId)),
    body: pull.body,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommitSha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: presentLabels(github, repository, pull),
    milestone: null,
    draft: pull.draft,
    commits_url: `${api}/commits`,
    review_comments_url: `${api}/comments`,
    review_comment_url: `${repositoryApi(github, repository)}/pulls/comments{/number}`,
    comments_url: `${issueApi}/comments`,
    statuses_url: statuses,
    head: presentHead(github, pull),
    base: {
      label: `${store.user(repository.ownerId).login}:${pull.base.ref}`,
      ref: pull.base.ref,
      sha: pull.base.sha,
      user: presentUser(github, store.user(repository.ownerId)),
      repo: presentRepository(github, repository),
    },
    _links: {
      self: { href: api },
      html: { href: page },
      issue: { href: issueApi },
      comments: { href: `${issueApi}/comments` },
      review_comments: { href: `${api}/comments` },
      review_comment: { href: `${repositoryApi(github, repository)}/pulls/comments{/number}` },
      commits: { href: `${api}/commits` },
      statuses: { href: statuses },
    },
    author_association: authorAssociation(repository, pull.authorId),
    auto_merge: null,
    active_lock_reason: null,
  };
}

function presentHead(github: GitHub, pull: PullRequestRecord) {
  const owner = github.store.user(pull.head.ownerId);
  const source = pull.head.repositoryId === null ? undefined : github.store.repositoryById(pull.head.repositoryId);
  return {
    label: `${owner.login}:${pull.head.ref}`,
    ref: pull.head.ref,
    sha: pull.head.sha,
    user: presentUser(github, owner),
    repo: source === undefined ? null : presentRepository(github, source),
  };
}

/** A pull request asked for by itself. */
export function presentPullRequest(github: GitHub, repository: RepositoryRecord, pull: PullRequestRecord) {
  return {
    ...presentPullRequestSimple(github, repository, pull),
    merged: pull.mergedAt !== null,
    mergeable: pull.state === "open" ? pull.mergeable : null,
    rebaseable: pull.state === "open" ? pull.mergeable : null,
    mergeable_state: mergeableState(pull),
    merged_by: pull.mergedById === null ? null : presentUser(github, github.store.user(pull.mergedById)),
    comments: pull.comments.length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: pull.size.commits,
    additions: pull.size.additions,
    deletions: pull.size.deletions,
    changed_files: pull.size.changedFiles,
  };
}

/** A pull request in an event: sent before the test merge is known, as GitHub does. */
export function presentPullRequestEvent(github: GitHub, repository: RepositoryRecord, pull: PullRequestRecord) {
  return {
    ...presentPullRequest(github, repository, pull),
    mergeable: null,
    rebaseable: null,
    mergeable_state: "unknown",
  };
}

function mergeableState(pull: PullRequestRecord): string {
  if (pull.state === "closed" || pull.mergeable === null) return "unknown";
  if (!pull.mergeable) return "dirty";
  return pull.draft ? "draft" : "clean";
}
