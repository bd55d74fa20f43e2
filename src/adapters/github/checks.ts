import type { Octokit } from "@octokit/rest";
import type { PullRequest } from "../../preview/pull-request.ts";
import type { CheckReport } from "../../report/reports.ts";
import { shortCommit } from "../../report/words.ts";
import type { GitHubClient } from "./client.ts";
import { isForbidden, isStatus } from "./failures.ts";
import { Memory } from "./memory.ts";

const checkName = "preview";

/** What a run without annotations is annotated with. */
const none = JSON.stringify([]);

/** What is known of a check run; `annotated` with what, where that is known. */
type Shown = { commit: string; completed: boolean; annotated: string | undefined };

/**
 * Writes check runs: one for each commit, which is then updated until it is completed. Whoever begins anew after that
 * gets another one, and so does whoever has other lines to annotate, since GitHub only ever adds annotations. One that
 * was not completed when a newer commit came never will be, and says so. `onRefused` is told where the permission is
 * missing.
 */
export function createCheckWriter(client: GitHubClient, onRefused: (installation: number) => void) {
  const runs = new Memory<number, Shown>(10_000);

  const shownBy = async (octokit: Octokit, pr: PullRequest, id: number, signal: AbortSignal): Promise<Shown> => {
    const known = runs.get(id);
    if (known !== undefined) return known;
    const { data } = await octokit.request("GET /repos/{owner}/{repo}/check-runs/{check_run_id}", {
      ...placeOf(pr),
      check_run_id: id,
      request: { signal },
    });
    const annotated = data.output.annotations_count === 0 ? none : undefined;
    return { commit: data.head_sha, completed: data.status === "completed", annotated };
  };

  return async (
    pr: PullRequest,
    id: number | undefined,
    report: CheckReport,
    signal: AbortSignal,
  ): Promise<number | undefined> =>
    await client.as(pr.key.installation, "writing the check run", signal, async (octokit, limit) => {
      const annotated = JSON.stringify(report.annotations);
      const run = { ...placeOf(pr), ...fields(report), request: { signal: limit } };
      const output = { ...run.output, annotations: annotationsOf(report) };
      const create = async () => {
        const { data } = await octokit.request("POST /repos/{owner}/{repo}/check-runs", {
          ...run,
          output,
          name: checkName,
          head_sha: report.commit,
        });
        return Number(data.id);
      };
      const update = async (existing: number) => {
        const before = await shownBy(octokit, pr, existing, limit);
        if (before.commit !== report.commit) {
          if (!before.completed) {
            await cancel(octokit, pr, existing, report.commit, limit);
            runs.set(existing, { ...before, completed: true });
          }
          return await create();
        }
        const isAnew = before.completed && report.conclusion === undefined;
        const isAnnotated = before.annotated === annotated;
        if (isAnew || (!isAnnotated && before.annotated !== none)) return await create();
        await octokit.request("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", {
          ...run,
          ...(isAnnotated ? {} : { output }),
          check_run_id: existing,
        });
        return existing;
      };
      try {
        const written = id === undefined ? await create() : await unlessMissing(update(id), create);
        runs.set(written, { commit: report.commit, completed: report.conclusion !== undefined, annotated });
        return written;
      } catch (error) {
        if (!isForbidden(error)) throw error;
        onRefused(pr.key.installation);
        return undefined;
      }
    });
}

async function unlessMissing<T>(work: Promise<T>, otherwise: () => Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isStatus(error, 404)) return await otherwise();
    throw error;
  }
}

function placeOf(pr: PullRequest): { owner: string; repo: string } {
  return { owner: pr.owner, repo: pr.repository };
}

function fields(report: CheckReport) {
  return {
    external_id: report.externalId,
    actions: report.actions,
    ...(report.detailsUrl === undefined ? {} : { details_url: report.detailsUrl }),
    ...(report.conclusion === undefined
      ? { status: report.status }
      : { status: "completed" as const, conclusion: report.conclusion }),
    output: { title: report.title, summary: report.summary },
  };
}

function annotationsOf({ annotations }: CheckReport) {
  return annotations.map(({ path, line, message }) => ({
    path,
    start_line: line,
    end_line: line,
    annotation_level: "failure" as const,
    message,
  }));
}

/** Ends the check of an older commit, which nobody works on any more. */
async function cancel(
  octokit: Octokit,
  pr: PullRequest,
  id: number,
  commit: string,
  signal: AbortSignal,
): Promise<void> {
  await octokit.request("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", {
    ...placeOf(pr),
    check_run_id: id,
    status: "completed",
    conclusion: "cancelled",
    output: { title: "Superseded", summary: `A newer commit, \`${shortCommit(commit)}\`, took its place.` },
    request: { signal },
  });
}
