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

/** The bodies of Greenroom's comments; there must never be more than one. */
export async function greenroomComments(who: Person, pr: PullRequestRef): Promise<string[]> {
  const { data } = await who.octokit.issues.listComments({
    owner: pr.owner,
    repo: pr.repo,
    issue_number: pr.number,
    per_page: 100,
  });
  return data.filter((comment) => comment.user?.type === "Bot").map((comment) => comment.body ?? "");
}

/** Waits until Greenroom's comment matches, and returns it. A second comment is an error at once. */
export async function waitForComment(
  who: Person,
  pr: PullRequestRef,
  what: string,
  matches: (body: string) => boolean,
  seconds = 120,
): Promise<string> {
  let last = "";
  try {
    return await waitFor(`“${what}” in the comment on ${pr.url}`, seconds, async () => {
      const bodies = await greenroomComments(who, pr);
      if (bodies.length > 1) throw new Error(`Greenroom has written ${bodies.length} comments`);
      last = bodies[0] ?? "";
      return matches(last) ? last : undefined;
    });
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
