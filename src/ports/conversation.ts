import type { Permission, PullRequest } from "../preview/pull-request.ts";

/** A comment of the pull request's conversation; its times are GitHub's. */
export type Said = {
  id: number;
  /** Undefined where a bot wrote it, or somebody whose account is gone. */
  author: string | undefined;
  body: string;
  createdAt: Date;
  updatedAt: Date;
  /** Somebody has put a rocket or a confused face under it. */
  isAnswered: boolean;
};

/** `eyes`: it was seen; `rocket`: it is done; `confused`: it cannot be done. */
export type Reaction = "eyes" | "rocket" | "confused";

/** What people write under a pull request, and what we answer. Every method rejects with a FailureError. */
export type Conversation = {
  /** Comments that were written or edited since then, oldest first. */
  since(pr: PullRequest, moment: Date, signal: AbortSignal): Promise<Said[]>;
  /** One comment, or undefined where it was deleted. */
  find(pr: PullRequest, id: number, signal: AbortSignal): Promise<Said | undefined>;
  /** What GitHub lets this person do in the repository now. */
  permission(pr: PullRequest, login: string, signal: AbortSignal): Promise<Permission>;
  /**
   * Reacts to a comment. The same reaction twice is one; nothing where the comment was deleted. Eyes are left out where
   * GitHub takes few writes.
   */
  react(pr: PullRequest, id: number, reaction: Reaction, signal: AbortSignal): Promise<void>;
  /** Answers a comment; a second answer to the same one takes the first one's place. */
  answer(pr: PullRequest, to: Said, body: string, signal: AbortSignal): Promise<void>;
};

/** Hidden first line by which an answer is found again. */
export function answerMarker(id: number): string {
  return `<!-- greenroom:answer ${id} -->`;
}
