import type { GitHub } from "../context.ts";
import {
  type CommentRecord,
  type ReactionRecord,
  type RepositoryRecord,
  reactionContents,
  type ThreadRecord,
} from "../store/records.ts";
import { presentApp } from "./app.ts";
import { authorAssociation } from "./association.ts";
import { nodeId } from "./ids.ts";
import { presentLabels } from "./labels.ts";
import { repositoryApi, repositoryPage } from "./repository.ts";
import { presentUser } from "./users.ts";

export function threadPage(github: GitHub, repository: RepositoryRecord, thread: ThreadRecord): string {
  return `${repositoryPage(github, repository)}/${thread.kind === "pull" ? "pull" : "issues"}/${thread.number}`;
}

/** An issue, or a pull request in an issue's form. */
export function presentIssue(github: GitHub, repository: RepositoryRecord, thread: ThreadRecord) {
  const api = `${repositoryApi(github, repository)}/issues/${thread.number}`;
  const page = threadPage(github, repository, thread);
  return {
    url: api,
    repository_url: repositoryApi(github, repository),
    labels_url: `${api}/labels{/name}`,
    comments_url: `${api}/comments`,
    events_url: `${api}/events`,
    html_url: page,
    id: thread.id,
    node_id: thread.kind === "pull" ? nodeId("PR", repository.id, thread.number) : nodeId("I", thread.id),
    number: thread.number,
    title: thread.title,
    user: presentUser(github, github.store.user(thread.authorId)),
    labels: presentLabels(github, repository, thread),
    state: thread.state,
    state_reason: null,
    locked: false,
    active_lock_reason: null,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: thread.comments.length,
    created_at: thread.createdAt,
    updated_at: thread.updatedAt,
    closed_at: thread.closedAt,
    author_association: authorAssociation(repository, thread.authorId),
    body: thread.body,
    reactions: presentReactionRollup(api, thread.reactions),
    timeline_url: `${api}/timeline`,
    performed_via_github_app: presentAppOfAuthor(github, thread.authorId),
    ...(thread.kind === "issue"
      ? {}
      : {
          draft: thread.draft,
          pull_request: {
            url: `${repositoryApi(github, repository)}/pulls/${thread.number}`,
            html_url: page,
            diff_url: `${page}.diff`,
            patch_url: `${page}.patch`,
            merged_at: thread.mergedAt,
          },
        }),
  };
}

export function presentComment(
  github: GitHub,
  repository: RepositoryRecord,
  thread: ThreadRecord,
  comment: CommentRecord,
) {
  const api = `${repositoryApi(github, repository)}/issues/comments/${comment.id}`;
  return {
    url: api,
    html_url: `${threadPage(github, repository, thread)}#issuecomment-${comment.id}`,
    issue_url: `${repositoryApi(github, repository)}/issues/${thread.number}`,
    id: comment.id,
    node_id: nodeId("IC", repository.id, thread.number, comment.id),
    user: presentUser(github, github.store.user(comment.authorId)),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    body: comment.body,
    author_association: authorAssociation(repository, comment.authorId),
    reactions: presentReactionRollup(api, comment.reactions),
    performed_via_github_app: presentAppOfAuthor(github, comment.authorId),
  };
}

export function presentReaction(github: GitHub, reaction: ReactionRecord) {
  return {
    id: reaction.id,
    node_id: nodeId("RE", reaction.id),
    user: presentUser(github, github.store.user(reaction.userId)),
    content: reaction.content,
    created_at: reaction.createdAt,
  };
}

function presentReactionRollup(api: string, reactions: readonly ReactionRecord[]) {
  const count = (content: string): number => reactions.filter((reaction) => reaction.content === content).length;
  return {
    url: `${api}/reactions`,
    total_count: reactions.length,
    ...Object.fromEntries(reactionContents.map((content) => [content, count(content)])),
  };
}

function presentAppOfAuthor(github: GitHub, authorId: number) {
  return authorId === github.store.directory.app.botId ? presentApp(github) : null;
}
