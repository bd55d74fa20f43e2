import type { Octokit } from "@octokit/rest";
import { z } from "zod";
import { isStatus } from "./failures.ts";
import type { Seen } from "./look.ts";
import { commentMarker } from "./look.ts";
import { readPages } from "./pages.ts";

const written = z.object({
  id: z.int(),
  body: z.string().nullish(),
  performed_via_github_app: z.object({ id: z.int() }).nullish(),
});

/**
 * The pull request with our comment, where it is so far from both ends of a long conversation that the one query did not
 * come to it. Without this there would be a second one, once the record that has its id is gone.
 */
export async function withOurComment(
  octokit: Octokit,
  appId: number,
  pr: Seen,
  commentId: number | undefined,
  signal: AbortSignal,
): Promise<Seen> {
  if (pr.comment !== undefined || pr.unreadComments === 0) return pr;
  const known = commentId === undefined ? undefined : await readOne(octokit, pr, commentId, signal);
  const ours = known === undefined ? await readMarked(octokit, appId, pr, signal) : [known];
  const [first, ...strays] = ours.map(({ id, body }) => ({ id, body: body ?? "" }));
  if (first === undefined) return pr;
  return {
    ...pr,
    comment: first,
    ...(strays.length > 0 && { strayComments: strays.map(({ id }) => id) }),
  };
}

async function readOne(octokit: Octokit, pr: Seen, id: number, signal: AbortSignal) {
  try {
    const route = "GET /repos/{owner}/{repo}/issues/comments/{comment_id}";
    const { data } = await octokit.request(route, {
      owner: pr.owner,
      repo: pr.repository,
      comment_id: id,
      request: { signal },
    });
    return written.parse(data);
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

async function readMarked(octokit: Octokit, appId: number, pr: Seen, signal: AbortSignal) {
  const pages = await readPages(
    octokit,
    {
      route: "GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
      parameters: { owner: pr.owner, repo: pr.repository, issue_number: pr.number },
      pageSize: 100,
      read: (data) => z.array(written).parse(data),
    },
    [],
    signal,
  );
  return pages
    .flatMap(({ items }) => items)
    .filter(({ body, performed_via_github_app: app }) => app?.id === appId && body?.startsWith(commentMarker) === true);
}
