import { answerMarker, type Conversation, type Reaction, type Said } from "../../src/ports/conversation.ts";
import type { PreviewKey } from "../../src/preview/key.ts";
import type { Permission, PullRequest } from "../../src/preview/pull-request.ts";

/** A comment as GitHub keeps it; those of ours have no author. */
export type KeptComment = {
  id: number;
  body: string;
  ours: boolean;
  author: string | undefined;
  createdAt: Date;
  updatedAt: Date;
  reactions: Reaction[];
};

export type ConversationPlace = {
  thread: (key: PreviewKey) => { pr: PullRequest; comments: KeptComment[] };
  roles: ReadonlyMap<string, Permission>;
  write: (comments: KeptComment[], author: string | undefined, body: string, ours: boolean) => number;
  /** Now, as GitHub tells it. */
  second: () => Date;
};

/** What people say under the fake's pull requests. */
export function fakeConversation({ thread, roles, write, second }: ConversationPlace): Conversation {
  return {
    async since(pr, moment, signal) {
      signal.throwIfAborted();
      await Promise.resolve();
      return thread(pr.key)
        .comments.filter(({ updatedAt }) => updatedAt.getTime() >= Math.floor(moment.getTime() / 1_000) * 1_000)
        .map(saidOf);
    },
    async find(pr, id, signal) {
      signal.throwIfAborted();
      await Promise.resolve();
      const found = thread(pr.key).comments.find((each) => each.id === id);
      return found === undefined ? undefined : saidOf(found);
    },
    async permission(pr, login, signal) {
      signal.throwIfAborted();
      await Promise.resolve();
      const { author } = thread(pr.key).pr;
      return roles.get(login) ?? (login === author.login ? author.permission : "read");
    },
    async react(pr, id, reaction, signal) {
      signal.throwIfAborted();
      await Promise.resolve();
      const reactions = thread(pr.key).comments.find((each) => each.id === id)?.reactions;
      if (reactions?.includes(reaction) === false) reactions.push(reaction);
    },
    async answer(pr, to, body, signal) {
      signal.throwIfAborted();
      await Promise.resolve();
      const { comments } = thread(pr.key);
      const marked = answerMarker(to.id);
      const known = comments.find((each) => each.ours && each.body.startsWith(marked));
      const text = `${marked}\n\n${body}`;
      if (known === undefined) write(comments, undefined, text, true);
      else Object.assign(known, { body: text, updatedAt: second() });
    },
  };
}

export function saidOf({ id, author, body, createdAt, updatedAt, reactions }: KeptComment): Said {
  const isAnswered = reactions.includes("rocket") || reactions.includes("confused");
  return { id, author, body, createdAt, updatedAt, isAnswered };
}
