import { parseComment } from "../policy/slash-command.ts";
import type { Said } from "../ports/conversation.ts";
import type { PreviewSpec } from "../preview/preview.ts";

/**
 * Older comments of a pull request that was never obeyed before are history. As old as what GitHub can still deliver:
 * what was written while nobody listened is done when somebody does.
 */
const freshMs = 3 * 24 * 3_600_000;
/** A comment is taken as its author left it; what somebody makes of it later is not read. */
const correctionMs = 10_000;

type LastComment = PreviewSpec["lastComment"];

/** Since when comments have to be read, after that one was obeyed last. */
export function unreadSince(last: LastComment, now: Date): Date {
  return new Date(last === undefined ? now.getTime() - freshMs : Date.parse(last.createdAt));
}

/** Whether somebody wrote it for us, for all that is known, and it was not obeyed yet. */
export function isUndone(comment: Said, last: LastComment, now: Date): boolean {
  const { id, author, body, createdAt, updatedAt, isAnswered } = comment;
  if (author === undefined || updatedAt.getTime() - createdAt.getTime() > correctionMs) return false;
  const isNew =
    last === undefined ? !isAnswered && createdAt.getTime() >= unreadSince(last, now).getTime() - 1_000 : id > last.id;
  return isNew && parseComment(body).for === "us";
}

/** Whether it was obeyed, and whoever did it was stopped before saying so. */
export function isUnanswered({ id, isAnswered }: Said, last: LastComment): boolean {
  return id === last?.id && !isAnswered;
}
