import type { PullRequest } from "../../preview/pull-request.ts";
import type { GitHubClient } from "./client.ts";
import { isStatus } from "./failures.ts";

/** Writes our one comment: edits it, or writes it anew where somebody deleted it. Any other one goes. */
export function createCommentWriter(client: GitHubClient) {
  return async (pr: PullRequest, id: number | undefined, body: string, signal: AbortSignal): Promise<number> =>
    await client.as(pr.key.installation, "writing the comment", signal, async (octokit, limit) => {
      const place = { owner: pr.owner, repo: pr.repository, request: { signal: limit } };
      const comment = { ...place, body };
      const create = async () => {
        const { data } = await octokit.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
          ...comment,
          issue_number: pr.number,
        });
        return Number(data.id);
      };
      const write = async () => {
        if (id === undefined) return await create();
        try {
          await octokit.request("PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", {
            ...comment,
            comment_id: id,
          });
          return id;
        } catch (error) {
          if (isStatus(error, 404)) return await create();
          throw error;
        }
      };
      const written = await write();
      for (const stray of (pr.strayComments ?? []).filter((each) => each !== written)) {
        try {
          await octokit.request("DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", {
            ...place,
            comment_id: stray,
          });
        } catch (error) {
          if (!isStatus(error, 404)) throw error;
        }
      }
      return written;
    });
}
