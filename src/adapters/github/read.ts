import type { Octokit } from "@octokit/rest";
import { FailureError } from "../../preview/failure.ts";
import { type PreviewKey, keyString } from "../../preview/key.ts";
import type { Permission, PullRequest } from "../../preview/pull-request.ts";
import type { GitHubClient } from "./client.ts";
import { isForbidden, isStatus } from "./failures.ts";
import { type Answer, permissionOf, pullRequestQuery, readAnswer, seen } from "./look.ts";
import { Memory } from "./memory.ts";
import { withOurComment } from "./our-comment.ts";

/** Reads pull requests in one query each; the author's permission takes a second call only where it has to. */
export function createReader(client: GitHubClient, appId: number) {
  const authors = new Memory<string, string>(10_000);

  return async (key: PreviewKey, commentId: number | undefined, signal: AbortSignal): Promise<PullRequest | "gone"> => {
    const purpose = `reading pull request ${keyString(key)}`;
    try {
      return await client.as(key.installation, purpose, signal, async (octokit, limit) => {
        const login = authors.get(keyString(key));
        const looked = seen(key, await ask(octokit, key, login, limit), commentId);
        if (looked === "gone") return "gone";
        const { unreadComments: _, ...pr } = await withOurComment(octokit, appId, looked, commentId, limit);
        const { author } = pr;
        if (!author.bot) authors.set(keyString(key), author.login);
        const told = login === undefined || login === author.login ? author.permission : undefined;
        const permission = told ?? (author.bot ? "none" : await askPermission(octokit, pr, author.login, limit));
        return { ...pr, author: { ...author, permission } };
      });
    } catch (error) {
      if (error instanceof FailureError && isInstallationGone(error.cause)) return "gone";
      throw error;
    }
  };
}

async function ask(octokit: Octokit, key: PreviewKey, login: string | undefined, signal: AbortSignal): Promise<Answer> {
  const variables = {
    repository: key.repository.nodeId,
    number: key.number,
    ...(login === undefined ? {} : { login }),
  };
  try {
    return readAnswer(await octokit.graphql(pullRequestQuery, { ...variables, request: { signal } }));
  } catch (error) {
    return partialAnswer(error);
  }
}

/** An answer that lacks only what may be lacking; anything else is thrown again. */
function partialAnswer(error: unknown): Answer {
  if (!(error instanceof Error) || !("errors" in error) || !("data" in error)) throw error;
  const errors: unknown[] = Array.isArray(error.errors) ? error.errors : [];
  if (errors.length === 0 || !errors.every(isExpected)) throw error;
  return readAnswer(error.data ?? null);
}

/** What does not exist for us, which GitHub calls an error of files too; and collaborators that the app may not list. */
function isExpected(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const type = "type" in error ? error.type : undefined;
  const path: unknown[] = "path" in error && Array.isArray(error.path) ? error.path : [];
  if (path.includes("collaborators") || path.includes("headRef")) return true;
  if (type === "NOT_FOUND" && path.includes("baseRef")) return true;
  return type === "NOT_FOUND" && (path.join(".") === "node" || path.join(".") === "node.pullRequest");
}

/** What somebody may do in a repository, as GitHub says now; a role of the organization's own counts as what it is based on. */
export async function askPermission(
  octokit: Octokit,
  pr: { owner: string; repository: string },
  username: string,
  signal: AbortSignal,
): Promise<Permission> {
  try {
    const { data } = await octokit.request("GET /repos/{owner}/{repo}/collaborators/{username}/permission", {
      owner: pr.owner,
      repo: pr.repository,
      username,
      request: { signal },
    });
    const role = permissionOf(data.role_name ?? data.permission);
    return role === "none" ? permissionOf(data.permission) : role;
  } catch (error) {
    // Whoever GitHub does not know, or does not tell us about, may do nothing.
    if (isStatus(error, 404) || isForbidden(error)) return "none";
    throw error;
  }
}

/** GitHub gives no token for an installation that was removed, or suspended by whoever owns the repositories. */
function isInstallationGone(error: unknown): boolean {
  const isSuspended = isForbidden(error) && error instanceof Error && /suspended/i.test(error.message);
  if (!isStatus(error, 404) && !isSuspended) return false;
  if (typeof error !== "object" || error === null || !("request" in error)) return false;
  const { request } = error;
  if (typeof request !== "object" || request === null || !("url" in request)) return false;
  return /\/app\/installations\/[^/]+\/access_tokens$/.test(String(request.url));
}
