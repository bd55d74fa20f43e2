import { closePullRequest, reopenPullRequest } from "../actions/pull-requests.ts";
import { invalid, notFound } from "../actions/refusal.ts";
import { addComment, deleteComment, editComment, openIssue } from "../actions/threads.ts";
import type { GitHub } from "../context.ts";
import { presentComment, presentIssue } from "../present/threads.ts";
import type { CommentRecord, RepositoryRecord, ThreadRecord } from "../store/records.ts";
import { created, json, noContent, page } from "./reply.ts";
import { type Route, repositoryRoute } from "./route.ts";

/** A pull request's conversation is open to either permission, as on GitHub. */
export const readThreads = ["issues:read", "pull_requests:read"] as const;
export const writeThreads = ["issues:write", "pull_requests:write"] as const;

export const issueRoutes: readonly Route[] = [
  repositoryRoute("GET /repos/{owner}/{repo}/issues", readThreads, ({ github, repository, parameters }) => {
    const { state = "open" } = parameters;
    const wanted = repository.threads.filter((thread) => state === "all" || thread.state === state).toReversed();
    return page(parameters, wanted, (thread) => presentIssue(github, repository, thread));
  }),
  repositoryRoute("POST /repos/{owner}/{repo}/issues", ["issues:write"], (call) => {
    const { github, repository, actor, parameters } = call;
    const issue = openIssue(github, actor, repository, { title: String(parameters.title), body: parameters.body });
    const presented = presentIssue(github, repository, issue);
    return created(presented, presented.url);
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/issues/{issue_number}", readThreads, (call) =>
    json(presentIssue(call.github, call.repository, threadOf(call))),
  ),
  repositoryRoute("PATCH /repos/{owner}/{repo}/issues/{issue_number}", writeThreads, async (call) => {
    const { github, repository, actor, parameters } = call;
    const thread = threadOf(call);
    if (thread.kind !== "pull") throw invalid("Issue", "state", "the stand-in changes pull requests only");
    if (parameters.state === "closed") await closePullRequest(github, actor, repository, thread);
    if (parameters.state === "open") await reopenPullRequest(github, actor, repository, thread);
    return json(presentIssue(github, repository, thread));
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", readThreads, (call) => {
    const { github, repository, parameters } = call;
    const thread = threadOf(call);
    const since = parameters.since === undefined ? 0 : Date.parse(parameters.since);
    const wanted = thread.comments.filter((comment) => Date.parse(comment.updatedAt) >= since);
    return page(parameters, wanted, (comment) => presentComment(github, repository, thread, comment));
  }),
  repositoryRoute("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", writeThreads, (call) => {
    const { github, repository, actor, parameters } = call;
    const thread = threadOf(call);
    const comment = addComment(github, actor, repository, thread, parameters.body);
    const presented = presentComment(github, repository, thread, comment);
    return created(presented, presented.url);
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/issues/comments", readThreads, (call) => {
    const { github, repository, parameters } = call;
    const { sort = "created", since } = parameters;
    const direction = parameters.direction ?? "asc";
    const all = repository.threads.flatMap((thread) => thread.comments.map((comment) => ({ thread, comment })));
    const time = (comment: CommentRecord): number =>
      Date.parse(sort === "updated" ? comment.updatedAt : comment.createdAt);
    const wanted = all
      .filter(({ comment }) => since === undefined || Date.parse(comment.updatedAt) >= Date.parse(since))
      .toSorted((one, other) => time(one.comment) - time(other.comment) || one.comment.id - other.comment.id);
    return page(parameters, direction === "asc" ? wanted : wanted.toReversed(), ({ thread, comment }) =>
      presentComment(github, repository, thread, comment),
    );
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/issues/comments/{comment_id}", readThreads, (call) => {
    const { thread, comment } = commentOf(call);
    return json(presentComment(call.github, call.repository, thread, comment));
  }),
  repositoryRoute("PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", writeThreads, (call) => {
    const { github, repository, actor, parameters } = call;
    const { thread, comment } = commentOf(call);
    editComment(github, actor, repository, thread, comment, parameters.body);
    return json(presentComment(github, repository, thread, comment));
  }),
  repositoryRoute("DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", writeThreads, (call) => {
    const { github, repository, actor } = call;
    const { thread, comment } = commentOf(call);
    deleteComment(github, actor, repository, thread, comment);
    return noContent;
  }),
];

interface ThreadCall {
  readonly github: GitHub;
  readonly repository: RepositoryRecord;
  readonly parameters: { readonly issue_number: number };
}

/** The issue or pull request a call names. */
export function threadOf({ github, repository, parameters }: ThreadCall): ThreadRecord {
  const thread = github.store.thread(repository, parameters.issue_number);
  if (thread === undefined) throw notFound();
  return thread;
}

interface CommentCall {
  readonly repository: RepositoryRecord;
  readonly parameters: { readonly comment_id: number | bigint };
}

/** The comment a call names, with the thread it is in. */
export function commentOf({ repository, parameters }: CommentCall): {
  readonly thread: ThreadRecord;
  readonly comment: CommentRecord;
} {
  for (const thread of repository.threads) {
    const comment = thread.comments.find(({ id }) => id === Number(parameters.comment_id));
    if (comment !== undefined) return { thread, comment };
  }
  throw notFound();
}
