import { createCheckRun, rerequestCheckRun, updateCheckRun } from "../actions/checks.ts";
import { notFound } from "../actions/refusal.ts";
import { presentAnnotation, presentCheckRun } from "../present/checks.ts";
import type { CheckRunRecord, RepositoryRecord } from "../store/records.ts";
import { created, json, page } from "./reply.ts";
import { type Route, repositoryRoute } from "./route.ts";

const read = ["checks:read"] as const;
const write = ["checks:write"] as const;

export const checkRoutes: readonly Route[] = [
  repositoryRoute("POST /repos/{owner}/{repo}/check-runs", write, async (call) => {
    const { github, repository, actor, parameters } = call;
    const run = await createCheckRun(github, actor, repository, parameters.head_sha, { ...parameters });
    const presented = presentCheckRun(github, repository, run);
    return created(presented, presented.url);
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/check-runs/{check_run_id}", read, (call) =>
    json(presentCheckRun(call.github, call.repository, runOf(call))),
  ),
  repositoryRoute("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", write, (call) => {
    const { github, repository, actor, parameters } = call;
    const run = runOf(call);
    updateCheckRun(github, actor, repository, run, { ...parameters });
    return json(presentCheckRun(github, repository, run));
  }),
  repositoryRoute("POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest", write, (call) => {
    const { github, repository, actor } = call;
    rerequestCheckRun(github, actor, repository, runOf(call));
    return created({});
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", read, (call) => {
    const { github, repository, parameters } = call;
    const run = runOf(call);
    return page(parameters, run.annotations, (annotation) => presentAnnotation(github, repository, run, annotation));
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", read, async (call) => {
    const { github, repository, parameters } = call;
    const { ref, check_name: name, status, filter = "latest", app_id: appId } = parameters;
    const sha = await github.git.commitOf(repository.id, ref);
    if (sha === undefined) throw notFound();
    const found = repository.checkRuns
      .filter((run) => run.headSha === sha)
      .filter((run) => name === undefined || run.name === name)
      .filter((run) => status === undefined || run.status === status)
      .filter(() => appId === undefined || appId === github.store.directory.app.id)
      .toReversed();
    const wanted = filter === "all" ? found : latestByName(found);
    return page(
      parameters,
      wanted,
      (run) => presentCheckRun(github, repository, run),
      (runs, total) => ({ total_count: total, check_runs: runs }),
    );
  }),
];

/** Of each name only the newest; `runs` come newest first. */
function latestByName(runs: readonly CheckRunRecord[]): CheckRunRecord[] {
  return runs.filter((run, index) => runs.findIndex(({ name }) => name === run.name) === index);
}

interface RunCall {
  readonly repository: RepositoryRecord;
  readonly parameters: { readonly check_run_id: number | bigint };
}

function runOf({ repository, parameters }: RunCall): CheckRunRecord {
  const run = repository.checkRuns.find(({ id }) => id === Number(parameters.check_run_id));
  if (run === undefined) throw notFound();
  return run;
}
