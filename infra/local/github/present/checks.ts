import type { GitHub } from "../context.ts";
import type { CheckAnnotationRecord, CheckRunRecord, RepositoryRecord } from "../store/records.ts";
import { presentApp } from "./app.ts";
import { nodeId } from "./ids.ts";
import { repositoryApi, repositoryPage } from "./repository.ts";

export function checkRunPage(github: GitHub, repository: RepositoryRecord, run: CheckRunRecord): string {
  return `${repositoryPage(github, repository)}/runs/${run.id}`;
}

/**
 * A check run. Its pull requests are those of the repository itself with this head: a fork's are never among them,
 * and neither is anything in a fork.
 */
export function presentCheckRun(github: GitHub, repository: RepositoryRecord, run: CheckRunRecord) {
  const api = `${repositoryApi(github, repository)}/check-runs/${run.id}`;
  const app = presentApp(github);
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId("CR", run.id),
    head_sha: run.headSha,
    external_id: run.externalId ?? "",
    url: api,
    html_url: checkRunPage(github, repository, run),
    details_url: run.detailsUrl ?? app.external_url,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt ?? run.createdAt,
    completed_at: run.completedAt,
    output: {
      ...run.output,
      annotations_count: run.annotations.length,
      annotations_url: `${api}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app,
    pull_requests: presentPullRequestsOf(github, repository, run.headSha),
  };
}

/** A check run in an event, with more of its suite. */
export function presentCheckRunEvent(github: GitHub, repository: RepositoryRecord, run: CheckRunRecord) {
  const presented = presentCheckRun(github, repository, run);
  const source = github.store.pullRequests(repository).find(({ head }) => head.sha === run.headSha);
  return {
    ...presented,
    check_suite: {
      id: run.suiteId,
      node_id: nodeId("CS", run.suiteId),
      head_branch: source?.head.repositoryId === repository.id ? source.head.ref : null,
      head_sha: run.headSha,
      status: run.status,
      conclusion: run.conclusion,
      url: `${repositoryApi(github, repository)}/check-suites/${run.suiteId}`,
      before: null,
      after: run.headSha,
      pull_requests: presented.pull_requests,
      app: presented.app,
      created_at: run.createdAt,
      updated_at: run.completedAt ?? run.createdAt,
    },
  };
}

export function presentAnnotation(
  github: GitHub,
  repository: RepositoryRecord,
  run: CheckRunRecord,
  annotation: CheckAnnotationRecord,
) {
  const page = repositoryPage(github, repository);
  return { ...annotation, blob_href: `${page}/blob/${run.headSha}/${annotation.path}` };
}

function presentPullRequestsOf(github: GitHub, repository: RepositoryRecord, sha: string) {
  const api = repositoryApi(github, repository);
  const repo = { id: repository.id, url: api, name: repository.name };
  return github.store
    .pullRequests(repository)
    .filter(({ state, head }) => state === "open" && head.sha === sha && head.repositoryId === repository.id)
    .map(({ pullId, number, head, base }) => ({
      url: `${api}/pulls/${number}`,
      id: pullId,
      number,
      head: { ref: head.ref, sha: head.sha, repo },
      base: { ref: base.ref, sha: base.sha, repo },
    }));
}
