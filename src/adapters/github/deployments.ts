import type { Octokit } from "@octokit/rest";
import { z } from "zod";
import { FailureError } from "../../preview/failure.ts";
import { type PreviewKey, keyString } from "../../preview/key.ts";
import type { PullRequest } from "../../preview/pull-request.ts";
import type { DeploymentReport } from "../../report/reports.ts";
import type { GitHubClient } from "./client.ts";
import { isForbidden, isStatus } from "./failures.ts";
import { Memory } from "./memory.ts";

/** GitHub refuses a longer description of a status. */
const longestDescription = 140;

const pageSize = 100;
const listed = z.array(z.object({ id: z.int() }));

/**
 * Writes deployments: one for each commit, created by its commit and set to its state at once. `onRefused` is told where
 * the permission is missing.
 */
export function createDeploymentWriter(client: GitHubClient, onRefused: (installation: number) => void) {
  const commits = new Memory<number, string>(10_000);

  /** The recorded deployment, if it is there and of this commit. */
  const existing = async (octokit: Octokit, pr: PullRequest, id: number, commit: string, signal: AbortSignal) => {
    const known = commits.get(id);
    if (known !== undefined) return known === commit ? id : undefined;
    try {
      const { data } = await octokit.request("GET /repos/{owner}/{repo}/deployments/{deployment_id}", {
        owner: pr.owner,
        repo: pr.repository,
        deployment_id: id,
        request: { signal },
      });
      return data.sha === commit ? id : undefined;
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  };

  return async (
    pr: PullRequest,
    id: number | undefined,
    report: DeploymentReport,
    signal: AbortSignal,
  ): Promise<number | undefined> =>
    await client.as(pr.key.installation, "writing the deployment", signal, async (octokit, limit) => {
      try {
        const kept = id === undefined ? undefined : await existing(octokit, pr, id, report.commit, limit);
        const deployment = kept ?? (await create(octokit, pr, report, limit));
        commits.set(deployment, report.commit);
        await octokit.request("POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", {
          owner: pr.owner,
          repo: pr.repository,
          deployment_id: deployment,
          state: report.state,
          description: report.description.slice(0, longestDescription),
          ...(report.url === undefined ? {} : { environment_url: report.url }),
          ...(report.logUrl === undefined ? {} : { log_url: report.logUrl }),
          // Once this one has succeeded, GitHub itself ends the older ones: that saves a call for each push.
          auto_inactive: true,
          request: { signal: limit },
        });
        return deployment;
      } catch (error) {
        if (!isForbidden(error)) throw error;
        onRefused(pr.key.installation);
        return undefined;
      }
    });
}

async function create(
  octokit: Octokit,
  pr: PullRequest,
  report: DeploymentReport,
  signal: AbortSignal,
): Promise<number> {
  const { data } = await octokit.request("POST /repos/{owner}/{repo}/deployments", {
    owner: pr.owner,
    repo: pr.repository,
    ref: report.commit,
    environment: report.environment,
    description: report.description.slice(0, longestDescription),
    task: "deploy",
    auto_merge: false,
    required_contexts: [],
    // It is one, but of those that are called so GitHub ends none.
    transient_environment: false,
    production_environment: false,
    request: { signal },
  });
  if ("id" in data) return Number(data.id);
  throw new Error("GitHub answered without a deployment");
}

/**
 * Sets the environment's deployments inactive and deletes them, but for the one to keep. The repository is named by
 * its number, since this may run when nothing else of the pull request can be read any more.
 */
export function createDeploymentRetirer(client: GitHubClient) {
  return async (key: PreviewKey, environment: string, keep: number | undefined, signal: AbortSignal): Promise<void> => {
    const purpose = `retiring the deployments of pull request ${keyString(key)}`;
    try {
      await client.as(key.installation, purpose, signal, async (octokit, limit) => {
        const request = { signal: limit };
        const place = { repository: key.repository.id, request };
        for (const id of await list(octokit, place, environment)) {
          if (id === keep) continue;
          // Only an inactive deployment can be deleted.
          await unlessGone(
            octokit.request("POST /repositories/{repository}/deployments/{id}/statuses", {
              ...place,
              id,
              state: "inactive",
            }),
          );
          await unlessGone(octokit.request("DELETE /repositories/{repository}/deployments/{id}", { ...place, id }));
        }
      });
    } catch (error) {
      // No repository, no installation or no permission: then there is nothing of ours that could be retired.
      if (error instanceof FailureError && (isStatus(error.cause, 404) || isForbidden(error.cause))) return;
      throw error;
    }
  };
}

async function list(
  octokit: Octokit,
  place: { repository: number; request: { signal: AbortSignal } },
  environment: string,
): Promise<number[]> {
  const ids: number[] = [];
  for (let page = 1; ; page += 1) {
    const { data } = await octokit.request("GET /repositories/{repository}/deployments", {
      ...place,
      environment,
      per_page: pageSize,
      page,
    });
    const found = listed.parse(data);
    ids.push(...found.map(({ id }) => id));
    if (found.length < pageSize) return ids;
  }
}

async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}
