import { z } from "zod";
import type { Said } from "../../ports/conversation.ts";

const comment = z.object({
  id: z.number(),
  user: z.object({ login: z.string(), type: z.string() }).nullish(),
  body: z.string().nullish(),
  issue_url: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  reactions: z.object({ rocket: z.number(), confused: z.number() }).optional(),
  performed_via_github_app: z.object({ id: z.number() }).nullish(),
});
export type ReadComment = z.infer<typeof comment>;

/** A comment as GitHub answers it. */
export function readComment(data: unknown): ReadComment {
  return comment.parse(data);
}

export function readComments(data: unknown): ReadComment[] {
  return z.array(comment).parse(data);
}

export function saidOf({ id, user, body, created_at: created, updated_at: updated, reactions }: ReadComment): Said {
  return {
    id,
    author: user === undefined || user === null || user.type === "Bot" ? undefined : user.login,
    body: body ?? "",
    createdAt: new Date(created),
    updatedAt: new Date(updated),
    isAnswered: (reactions?.rocket ?? 0) + (reactions?.confused ?? 0) > 0,
  };
}

/** Number of the issue or pull request that it is under. */
export function numberOf({ issue_url: url }: ReadComment): number {
  return Number(url.slice(url.lastIndexOf("/") + 1));
}
