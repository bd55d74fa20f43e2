import { notFound } from "../actions/refusal.ts";
import { addReaction, removeReaction } from "../actions/threads.ts";
import { presentReaction } from "../present/threads.ts";
import type { ReactionContent, ReactionRecord } from "../store/records.ts";
import { commentOf, readThreads, threadOf, writeThreads } from "./issues.ts";
import { json, noContent, page } from "./reply.ts";
import { type Route, repositoryRoute } from "./route.ts";

export const reactionRoutes: readonly Route[] = [
  repositoryRoute("GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", readThreads, (call) => {
    const { github, parameters } = call;
    const { comment } = commentOf(call);
    return page(parameters, withContent(comment.reactions, parameters.content), (reaction) =>
      presentReaction(github, reaction),
    );
  }),
  repositoryRoute("POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", writeThreads, (call) => {
    const { github, repository, actor, parameters } = call;
    const { comment } = commentOf(call);
    const { reaction, created } = addReaction(github, actor, repository, comment, parameters.content);
    return json(presentReaction(github, reaction), created ? 201 : 200);
  }),
  repositoryRoute(
    "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions/{reaction_id}",
    writeThreads,
    (call) => {
      const { github, repository, actor, parameters } = call;
      const { comment } = commentOf(call);
      const reaction = comment.reactions.find(({ id }) => id === parameters.reaction_id);
      if (reaction === undefined) throw notFound();
      removeReaction(github, actor, repository, comment, reaction);
      return noContent;
    },
  ),
  repositoryRoute("GET /repos/{owner}/{repo}/issues/{issue_number}/reactions", readThreads, (call) => {
    const { github, parameters } = call;
    return page(parameters, withContent(threadOf(call).reactions, parameters.content), (reaction) =>
      presentReaction(github, reaction),
    );
  }),
  repositoryRoute("POST /repos/{owner}/{repo}/issues/{issue_number}/reactions", writeThreads, (call) => {
    const { github, repository, actor, parameters } = call;
    const { reaction, created } = addReaction(github, actor, repository, threadOf(call), parameters.content);
    return json(presentReaction(github, reaction), created ? 201 : 200);
  }),
  repositoryRoute(
    "DELETE /repos/{owner}/{repo}/issues/{issue_number}/reactions/{reaction_id}",
    writeThreads,
    (call) => {
      const { github, repository, actor, parameters } = call;
      const thread = threadOf(call);
      const reaction = thread.reactions.find(({ id }) => id === parameters.reaction_id);
      if (reaction === undefined) throw notFound();
      removeReaction(github, actor, repository, thread, reaction);
      return noContent;
    },
  ),
];

function withContent(reactions: readonly ReactionRecord[], content: ReactionContent | undefined): ReactionRecord[] {
  return reactions.filter((reaction) => content === undefined || reaction.content === content);
}
