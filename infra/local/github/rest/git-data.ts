import { createBranch, deleteBranch } from "../actions/pushes.ts";
import { invalid, notFound, Refusal } from "../actions/refusal.ts";
import type { GitHub } from "../context.ts";
import { blob, objectType, treeEntries } from "../git/content.ts";
import { changedFiles, type Commit, commits, countCommits, mergeBase } from "../git/history.ts";
import { presentChangedFile, presentCommit } from "../present/commits.ts";
import { nodeId } from "../present/ids.ts";
import { repositoryApi, repositoryPage } from "../present/repository.ts";
import type { RepositoryRecord } from "../store/records.ts";
import { bytes, created, json, noContent, page, type Reply } from "./reply.ts";
import { type RepositoryCall, type Route, repositoryRoute } from "./route.ts";

const read = ["contents:read"] as const;
const write = ["contents:write"] as const;
const mostTreeEntries = 100_000;

export const gitDataRoutes: readonly Route[] = [
  repositoryRoute("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", read, async (call) => {
    const { github, repository, parameters } = call;
    const path = github.git.pathOf(repository.id);
    const commit = await github.git.commitOf(repository.id, parameters.tree_sha);
    const tree = commit ?? (/^[0-9a-f]{40}$/.test(parameters.tree_sha) ? parameters.tree_sha : undefined);
    if (tree === undefined || (await objectType(path, tree)) === undefined) throw notFound();
    const entries = await treeEntries(path, tree, parameters.recursive !== undefined);
    const api = repositoryApi(github, repository);
    return json({
      sha: tree,
      url: `${api}/git/trees/${tree}`,
      truncated: entries.length > mostTreeEntries,
      tree: entries.slice(0, mostTreeEntries).map(({ path: name, mode, type, sha, size }) => ({
        path: name,
        mode,
        type,
        sha,
        ...(size === undefined ? {} : { size }),
        url: `${api}/git/${type}s/${sha}`,
      })),
    });
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/git/blobs/{file_sha}", read, async (call) => {
    const { github, repository, parameters, accept } = call;
    const { file_sha: sha } = parameters;
    const path = github.git.pathOf(repository.id);
    if (!/^[0-9a-f]{40}$/.test(sha) || (await objectType(path, sha)) !== "blob") throw notFound();
    const content = await blob(path, sha);
    if (/\braw\b/.test(accept)) return bytes(content, "application/vnd.github.raw; charset=utf-8");
    return json({
      sha,
      node_id: nodeId("C", repository.id, sha),
      size: content.length,
      url: `${repositoryApi(github, repository)}/git/blobs/${sha}`,
      content: content.toString("base64"),
      encoding: "base64",
    });
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/git/ref/{ref}", read, async ({ github, repository, parameters }) => {
    const ref = `refs/${parameters.ref}`;
    const sha = (await github.git.refs(repository.id, [ref])).get(ref);
    if (sha === undefined) throw notFound();
    return json(await presentRef(github, repository, ref, sha));
  }),
  repositoryRoute("POST /repos/{owner}/{repo}/git/refs", write, async ({ github, repository, actor, parameters }) => {
    const { ref, sha } = parameters;
    const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
    if (branch === undefined) throw invalid("Reference", "ref", "the stand-in makes branches only");
    if ((await github.git.commitOf(repository.id, sha)) !== sha) throw new Refusal(422, "Object does not exist");
    await createBranch(github, actor, repository, branch, sha);
    return created(await presentRef(github, repository, ref, sha));
  }),
  repositoryRoute("DELETE /repos/{owner}/{repo}/git/refs/{ref}", write, async (call) => {
    const { github, repository, actor, parameters } = call;
    const branch = /^heads\/(.+)$/.exec(parameters.ref)?.[1];
    if (branch === undefined) throw invalid("Reference", "ref", "the stand-in deletes branches only");
    await deleteBranch(github, actor, repository, branch);
    return noContent;
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/commits", read, async ({ github, repository, parameters }) => {
    const from = parameters.sha ?? repository.defaultBranch;
    const sha = await github.git.commitOf(repository.id, from);
    if (sha === undefined) throw notFound();
    const found = await commits(github.git.pathOf(repository.id), [sha], 1000);
    return page(parameters, found, (commit) => presentCommit(github, repository, commit));
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/commits/{ref}", read, oneCommit),
  repositoryRoute("GET /repos/{owner}/{repo}/compare/{basehead}", read, compare),
  repositoryRoute("GET /repos/{owner}/{repo}/branches", read, async ({ github, repository, parameters }) => {
    const refs = [...(await github.git.refs(repository.id, ["refs/heads"]))];
    return page(parameters, refs, ([ref, sha]) => ({
      name: ref.slice("refs/heads/".length),
      commit: { sha, url: `${repositoryApi(github, repository)}/commits/${sha}` },
      protected: false,
    }));
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/branches/{branch}", read, async (call) => {
    const { github, repository, parameters } = call;
    const sha = await github.git.branch(repository.id, parameters.branch);
    if (sha === undefined) throw new Refusal(404, "Branch not found");
    const self = `${repositoryApi(github, repository)}/branches/${encodeURIComponent(parameters.branch)}`;
    return json({
      name: parameters.branch,
      commit: presentCommit(github, repository, await commitAt(github, repository, sha)),
      _links: { self, html: `${repositoryPage(github, repository)}/tree/${parameters.branch}` },
      protected: false,
      protection: { enabled: false, required_status_checks: { enforcement_level: "off", contexts: [], checks: [] } },
      protection_url: `${self}/protection`,
    });
  }),
];

async function presentRef(github: GitHub, repository: RepositoryRecord, ref: string, sha: string) {
  const api = repositoryApi(github, repository);
  const type = (await objectType(github.git.pathOf(repository.id), sha)) ?? "commit";
  return {
    ref,
    node_id: nodeId("R", repository.id, ref),
    url: `${api}/git/${ref}`,
    object: { sha, type, url: `${api}/git/${type}s/${sha}` },
  };
}

async function commitAt(github: GitHub, repository: RepositoryRecord, sha: string): Promise<Commit> {
  const [commit] = await commits(github.git.pathOf(repository.id), [sha], 1);
  if (commit === undefined) throw notFound();
  return commit;
}

async function oneCommit(call: RepositoryCall<"GET /repos/{owner}/{repo}/commits/{ref}">): Promise<Reply> {
  const { github, repository, parameters, accept } = call;
  const sha = await github.git.commitOf(repository.id, parameters.ref);
  if (sha === undefined) throw new Refusal(422, `No commit found for SHA: ${parameters.ref}`);
  if (accept.includes("application/vnd.github.sha")) {
    return bytes(Buffer.from(sha), "application/vnd.github.sha; charset=utf-8");
  }
  const commit = await commitAt(github, repository, sha);
  const files = await changedFiles(github.git.pathOf(repository.id), commit.parents[0], sha);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return json({
    ...presentCommit(github, repository, commit),
    stats: { additions, deletions, total: additions + deletions },
    files: files.map((file) => presentChangedFile(github, repository, sha, file)),
  });
}

/** Two commits side by side: `base...head`. */
async function compare(call: RepositoryCall<"GET /repos/{owner}/{repo}/compare/{basehead}">): Promise<Reply> {
  const { github, repository, parameters } = call;
  const path = github.git.pathOf(repository.id);
  const [baseName = "", headName = ""] = parameters.basehead.split("...");
  const [base, head] = await Promise.all([
    github.git.commitOf(repository.id, baseName),
    github.git.commitOf(repository.id, headName),
  ]);
  const ancestor = base === undefined || head === undefined ? undefined : await mergeBase(path, base, head);
  if (base === undefined || head === undefined || ancestor === undefined) throw notFound();
  const [ahead, behind, found, files] = await Promise.all([
    countCommits(path, `${base}..${head}`),
    countCommits(path, `${head}..${base}`),
    commits(path, [head, `^${base}`], 250),
    changedFiles(path, ancestor, head),
  ]);
  const both = behind > 0 ? "diverged" : "ahead";
  const status = ahead === 0 ? (behind === 0 ? "identical" : "behind") : both;
  const range = `${baseName}...${headName}`;
  const html = `${repositoryPage(github, repository)}/compare/${range}`;
  return json({
    url: `${repositoryApi(github, repository)}/compare/${range}`,
    html_url: html,
    permalink_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: presentCommit(github, repository, await commitAt(github, repository, base)),
    merge_base_commit: presentCommit(github, repository, await commitAt(github, repository, ancestor)),
    status,
    ahead_by: ahead,
    behind_by: behind,
    total_commits: ahead,
    commits: found.toReversed().map((commit) => presentCommit(github, repository, commit)),
    files: files.slice(0, 300).map((file) => presentChangedFile(github, repository, head, file)),
  });
}
