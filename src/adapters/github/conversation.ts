import { answerMarker, type Conversation } from "../../ports/conversation.ts";
import type { PullRequest } from "../../preview/pull-request.ts";
import { createGitHubClient, type GitHubClient, type GitHubOptions } from "./client.ts";
import { isStatus } from "./failures.ts";
import { readPages } from "./pages.ts";
import { askPermission } from "./read.ts";
import { readComment, type ReadComment, readComments, saidOf } from "./said.ts";

/** The conversation of pull requests on GitHub or on a GitHub Enterprise Server. */
export function createConversation(options: GitHubOptions): Conversation {
  const client = createGitHubClient(options);
  return {
    async since(pr, moment, signal) {
      const all = await readSince(client, pr, moment, signal);
      return all.map(saidOf);
    },
    find: (pr, id, signal) =>
      as(client, pr, "reading a comment", signal, async (octokit, request) => {
        const route = "GET /repos/{owner}/{repo}/issues/comments/{comment_id}";
        return await unlessDeleted(async () => {
          const { data } = await octokit.request(route, { ...placeOf(pr), comment_id: id, request });
          return saidOf(readComment(data));
        });
      }),
    permission: (pr, login, signal) =>
      as(client, pr, "asking for somebody's permission", signal, (octokit, request) =>
        askPermission(octokit, pr, login, request.signal),
      ),
    async react(pr, id, content, signal) {
      if (content === "eyes" && (await options.budget.isLow(pr.key.installation))) return;
      await as(client, pr, "reacting to a comment", signal, async (octokit, request) => {
        const route = "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";
        await unlessDeleted(() => octokit.request(route, { ...placeOf(pr), comment_id: id, content, request }));
      });
    },
    async answer(pr, to, body, signal) {
      const marker = answerMarker(to.id);
      const later = await readSince(client, pr, to.createdAt, signal);
      const known = later.find(
        (each) => each.performed_via_github_app?.id === options.appId && each.body?.startsWith(marker) === true,
      );
      const text = `${marker}\n\n${body}`;
      await as(client, pr, "answering a comment", signal, async (octokit, request) => {
        if (known === undefined) {
          const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
          await octokit.request(route, { ...placeOf(pr), issue_number: pr.number, body: text, request });
        } else if (known.body?.trim() !== text.trim()) {
          const route = "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}";
          await octokit.request(route, { ...placeOf(pr), comment_id: known.id, body: text, request });
        }
      });
    },
  };
}

type Calls<T> = (
  octokit: Parameters<Parameters<GitHubClient["as"]>[3]>[0],
  request: { signal: AbortSignal },
) => Promise<T>;

async function as<T>(
  client: GitHubClient,
  pr: PullRequest,
  purpose: string,
  signal: AbortSignal,
  calls: Calls<T>,
): Promise<T> {
  return await client.as(pr.key.installation, purpose, signal, (octokit, limit) => calls(octokit, { signal: limit }));
}

function placeOf(pr: PullRequest): { owner: string; repo: string } {
  return { owner: pr.owner, repo: pr.repository };
}

async function readSince(
  client: GitHubClient,
  pr: PullRequest,
  moment: Date,
  signal: AbortSignal,
): Promise<ReadComment[]> {
  const parameters = { ...placeOf(pr), issue_number: pr.number, since: moment.toISOString() };
  return await as(client, pr, "reading comments", signal, async (octokit, request) => {
    const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
    const pages = await readPages(
      octokit,
      { route, parameters, pageSize: 100, read: readComments },
      [],
      request.signal,
    );
    return pages.flatMap(({ items }) => items).toSorted((one, other) => one.id - other.id);
  });
}

async function unlessDeleted<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}
