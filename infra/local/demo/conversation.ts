import { RequestError } from "@octokit/request-error";
import type { Person } from "./person.ts";
import { waitFor } from "./wait-for.ts";

export type PullRequestRef = { owner: string; repo: string; number: number; url: string; head: string };

/** Opens a pull request. `head` is a branch, or `login:branch` for one of a fork. */
export async function openPullRequest(
  who: Person,
  owner: string,
  repo: string,
  head: string,
  title: string,
): Promise<PullRequestRef> {
  const { data } = await who.octokit.pulls.create({ owner, repo, head, base: "main", title });
  return { owner, repo, number: data.number, url: data.html_url, head: data.head.sha };
}

/** Asks for the bodies of Greenroom's comments that are not answers to commands, as often as one likes: an answer that has not changed costs nothing. */
function commentReader(who: Person, pr: PullRequestRef): () => Promise<string[]> {
  let etag: string | undefined;
  let bodies: string[] = [];
  return async () => {
    try {
      const { data, headers } = await who.octokit.issues.listComments({
        owner: pr.owner,
        repo: pr.repo,
        issue_number: pr.number,
        per_page: 100,
        headers: etag === undefined ? {} : { "if-none-match": etag },
      });
      etag = headers.etag;
      bodies = data.filter((comment) => comment.user?.type === "Bot").map((comment) => comment.body ?? "");
      bodies = bodies.filter((body) => !body.startsWith("<!-- greenroom:answer "));
    } catch (error) {
      if (!(error instanceof RequestError) || error.status !== 304) throw error;
    }
    return bodies;
  };
}

/** Waits until Greenroom's comment matches, and returns it. A second comment is an error at once. */
export async function waitForComment(
  who: Person,
  pr: PullRequestRef,
  what: string,
  matches: (body: string) => boolean,
  seconds = 120,
  everyMilliseconds = 100,
): Promise<string> {
  const read = commentReader(who, pr);
  let last = "";
  try {
    const ask = async () => {
      const bodies = await read();
      if (bodies.length > 1) throw new Error(`Greenroom has written ${bodies.length} comments`);
      last = bodies[0] ?? "";
      return matches(last) ? last : undefined;
    };
    return await waitFor(`“${what}” in the comment on ${pr.url}`, seconds, ask, everyMilliseconds);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}; the comment is:\n${last}`, {
      cause: error,
    });
  }
}

/** The preview's URL as the comment gives it. */
export function urlIn(comment: string): string {
  const url = /https?:\/\/[^\s)*<>|`]+/.exec(comment)?.[0];
  if (url === undefined) throw new Error(`no URL in the comment:\n${comment}`);
  return url;
}

/** The words of the comment's headline after `**Preview** · `. */
export function headline(comment: string): string {
  return /\*\*Preview\*\* · (.*)/.exec(comment)?.[1] ?? "";
}

/** Whether the comment says that this very commit is ready. */
export function readyAt(commit: string): (comment: string) => boolean {
  return (comment) => headline(comment).startsWith("ready") && headline(comment).includes(commit.slice(0, 7));
}
