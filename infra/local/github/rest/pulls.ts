import { notFound } from "../actions/refusal.ts";
import { editPullRequest } from "../actions/edit-pull-request.ts";
import { mergePullRequest } from "../actions/merge.ts";
import { closePullRequest, openPullRequest, reopenPullRequest } from "../actions/pull-requests.ts";
import type { GitHub } from "../context.ts";
import { changedFiles, commits, mergeBase } from "../git/history.ts";
import { presentChangedFile, presentCommit } from "../present/commits.ts";
import { presentPullRequest, presentPullRequestSimple } from "../present/pull-requests.ts";
import type { PullRequestRecord, RepositoryRecord } from "../store/records.ts";
import { created, json, noContent, page } from "./reply.ts";
import { type RepositoryCall, type Route, repositoryRoute } from "./route.ts";

const read = ["pull_requests:read"] as const;
const write = ["pull_requests:write"] as const;

export const pullRoutes: readonly Route[] = [
  repositoryRoute("GET /repos/{owner}/{repo}/pulls", read, ({ github, repository, parameters }) =>
    page(parameters, selectPulls(github, repository, parameters), (pull) =>
      presentPullRequestSimple(github, repository, pull),
    ),
  ),
  repositoryRoute("POST /repos/{owner}/{repo}/pulls", write, async ({ github, repository, actor, parameters }) => {
    const { title, body, head, base, draft } = parameters;
    const pull = await openPullRequest(github, actor, repository, { title: title ?? head, body, head, base, draft });
    const presented = presentPullRequest(github, repository, pull);
    return created(presented, presented.url);
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/pulls/{pull_number}", read, (call) =>
    json(presentPullRequest(call.github, call.repository, pullOf(call))),
  ),
  repositoryRoute("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", write, async (call) => {
    const { github, repository, actor, parameters } = call;
    const pull = pullOf(call);
    const { title, body, base, state } = parameters;
    await editPullRequest(github, actor, repository, pull, { title, body, base });
    if (state === "closed") await closePullRequest(github, actor, repository, pull);
    if (state === "open") await reopenPullRequest(github, actor, repository, pull);
    return json(presentPullRequest(github, repository, pull));
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/pulls/{pull_number}/commits", read, async (call) => {
    const { github, repository, parameters } = call;
    const pull = pullOf(call);
    const range = [pull.head.sha, `^${await comparedWith(github, repository, pull)}`];
    const found = (await commits(github.git.pathOf(repository.id), range, 250)).toReversed();
    return page(parameters, found, (commit) => presentCommit(github, repository, commit));
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/pulls/{pull_number}/files", read, async (call) => {
    const { github, repository, parameters } = call;
    const pull = pullOf(call);
    const from = await comparedWith(github, repository, pull);
    const files = await changedFiles(github.git.pathOf(repository.id), from, pull.head.sha);
    return page(parameters, files.slice(0, 3000), (file) =>
      presentChangedFile(github, repository, pull.head.sha, file),
    );
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/pulls/{pull_number}/merge", read, (call) => {
    if (pullOf(call).mergedAt === null) throw notFound();
    return noContent;
  }),
  repositoryRoute("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", ["contents:write"], async (call) => {
    const { github, repository, actor, parameters } = call;
    const { merge_method: method, commit_title: title, commit_message: message, sha } = parameters;
    const merged = await mergePullRequest(github, actor, repository, pullOf(call), { method, title, message, sha });
    return json({ sha: merged, merged: true, message: "Pull Request successfully merged" });
  }),
];

interface PullCall {
  readonly github: GitHub;
  readonly repository: RepositoryRecord;
  readonly parameters: { readonly pull_number: number };
}

function pullOf({ github, repository, parameters }: PullCall): PullRequestRecord {
  const pull = github.store.pullRequest(repository, parameters.pull_number);
  if (pull === undefined) throw notFound();
  return pull;
}

/** The commit a pull request is shown against: where its branch left the base branch. */
export async function comparedWith(
  github: GitHub,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
): Promise<string> {
  const path = github.git.pathOf(repository.id);
  const base = pull.state === "open" ? await github.git.branch(repository.id, pull.base.ref) : undefined;
  return (await mergeBase(path, base ?? pull.base.sha, pull.head.sha)) ?? pull.base.sha;
}

function selectPulls(
  github: GitHub,
  repository: RepositoryRecord,
  wanted: RepositoryCall<"GET /repos/{owner}/{repo}/pulls">["parameters"],
): PullRequestRecord[] {
  const { state = "open", head, base, sort = "created" } = wanted;
  const direction = wanted.direction ?? (sort === "created" ? "desc" : "asc");
  const selected = github.store
    .pullRequests(repository)
    .filter((pull) => state === "all" || pull.state === state)
    .filter((pull) => base === undefined || pull.base.ref === base)
    .filter((pull) => head === undefined || head === headLabel(github, pull));
  const time = (pull: PullRequestRecord): number => Date.parse(sort === "updated" ? pull.updatedAt : pull.createdAt);
  const ordered = selected.toSorted((one, other) => time(one) - time(other) || one.number - other.number);
  return direction === "asc" ? ordered : ordered.toReversed();
}

function headLabel(github: GitHub, pull: PullRequestRecord): string {
  return `${github.store.user(pull.head.ownerId).login}:${pull.head.ref}`;
}
