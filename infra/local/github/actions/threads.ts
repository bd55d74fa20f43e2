import { type GitHub, timestamp } from "../context.ts";
import { presentComment, presentIssue } from "../present/threads.ts";
import type {
  CommentRecord,
  IssueRecord,
  ReactionContent,
  ReactionRecord,
  RepositoryRecord,
  ThreadRecord,
  UserRecord,
} from "../store/records.ts";
import { announce } from "../webhooks/events.ts";
import { requireOwnOr } from "./pull-requests.ts";
import { invalid, Refusal } from "./refusal.ts";
import { isOwnBot, requireRole } from "./roles.ts";

/** The longest body GitHub stores, in characters. */
const longestBody = 65_536;

/** Opens a plain issue. */
export function openIssue(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  { title, body = null }: { readonly title: string; readonly body?: string | null | undefined },
): IssueRecord {
  requireRole(repository, actor, "read");
  const now = timestamp(github);
  const issue: IssueRecord = {
    kind: "issue",
    id: github.store.nextId(),
    number: repository.nextNumber,
    authorId: actor.id,
    createdAt: now,
    updatedAt: now,
    title,
    body,
    state: "open",
    closedAt: null,
    closedById: null,
    labelIds: [],
    comments: [],
    reactions: [],
  };
  repository.nextNumber += 1;
  repository.threads.push(issue);
  github.store.changed(repository);
  announce(github, repository, actor, "issues", "opened", { issue: presentIssue(github, repository, issue) });
  return issue;
}

/** Comments on an issue or pull request. */
export function addComment(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  thread: ThreadRecord,
  body: string,
): CommentRecord {
  requireRole(repository, actor, "read");
  checkBody(body);
  const now = timestamp(github);
  const comment: CommentRecord = {
    id: github.store.nextId(),
    authorId: actor.id,
    createdAt: now,
    updatedAt: now,
    body,
    reactions: [],
  };
  thread.comments.push(comment);
  thread.updatedAt = now;
  github.store.changed(repository);
  announceComment(github, repository, thread, comment, actor, "created");
  return comment;
}

export function editComment(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  thread: ThreadRecord,
  comment: CommentRecord,
  body: string,
): void {
  requireOwnComment(repository, actor, comment);
  checkBody(body);
  const before = comment.body;
  comment.body = body;
  comment.updatedAt = timestamp(github);
  github.store.changed(repository);
  announceComment(github, repository, thread, comment, actor, "edited", { changes: { body: { from: before } } });
}

export function deleteComment(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  thread: ThreadRecord,
  comment: CommentRecord,
): void {
  requireOwnComment(repository, actor, comment);
  thread.comments = thread.comments.filter((candidate) => candidate !== comment);
  github.store.changed(repository);
  announceComment(github, repository, thread, comment, actor, "deleted");
}

/** Reacts to a comment or thread; the same reaction twice is one. */
export function addReaction(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  target: { reactions: ReactionRecord[] },
  content: ReactionContent,
): { readonly reaction: ReactionRecord; readonly created: boolean } {
  requireRole(repository, actor, "read");
  const known = target.reactions.find((reaction) => reaction.userId === actor.id && reaction.content === content);
  if (known !== undefined) return { reaction: known, created: false };
  const reaction: ReactionRecord = {
    id: github.store.nextId(),
    userId: actor.id,
    content,
    createdAt: timestamp(github),
  };
  target.reactions.push(reaction);
  github.store.changed(repository);
  return { reaction, created: true };
}

export function removeReaction(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  target: { reactions: ReactionRecord[] },
  reaction: ReactionRecord,
): void {
  if (reaction.userId !== actor.id) throw new Refusal(403, "You may only take back your own reactions.");
  requireRole(repository, actor, "read");
  target.reactions = target.reactions.filter((candidate) => candidate !== reaction);
  github.store.changed(repository);
}

function announceComment(
  github: GitHub,
  repository: RepositoryRecord,
  thread: ThreadRecord,
  comment: CommentRecord,
  sender: UserRecord,
  action: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  announce(github, repository, sender, "issue_comment", action, {
    issue: presentIssue(github, repository, thread),
    comment: presentComment(github, repository, thread, comment),
    ...more,
  });
}

/** A bot may change its own comments and, with its write permission, nobody else's words. */
function requireOwnComment(repository: RepositoryRecord, actor: UserRecord, comment: CommentRecord): void {
  if (isOwnBot(actor) && comment.authorId !== actor.id) {
    throw new Refusal(403, "Resource not accessible by integration");
  }
  requireOwnOr(repository, actor, comment, "write");
}

function checkBody(body: string): void {
  if (body.trim() === "") throw invalid("IssueComment", "body", "body cannot be blank");
  if (body.length > longestBody) {
    throw invalid("IssueComment", "body", `body is too long (maximum is ${longestBody} characters)`);
  }
}
