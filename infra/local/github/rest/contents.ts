import { notFound, Refusal } from "../actions/refusal.ts";
import { pushCommit } from "../actions/pushes.ts";
import type { GitHub } from "../context.ts";
import { blob, entryAt, type TreeEntry, treeEntries } from "../git/content.ts";
import { commits } from "../git/history.ts";
import { presentCommit } from "../present/commits.ts";
import { presentEntry } from "../present/content.ts";
import type { RepositoryRecord } from "../store/records.ts";
import { bytes, json, type Reply } from "./reply.ts";
import { type RepositoryCall, type Route, repositoryRoute } from "./route.ts";

const read = ["contents:read"] as const;
const largestInline = 1024 * 1024;

export const contentRoutes: readonly Route[] = [
  repositoryRoute("GET /repos/{owner}/{repo}/contents/{path}", read, contents),
  repositoryRoute("PUT /repos/{owner}/{repo}/contents/{path}", ["contents:write"], async (call) => {
    const { github, repository, actor, parameters } = call;
    const { path, message, content, sha, branch = repository.defaultBranch } = parameters;
    const before = await github.git.branch(repository.id, branch);
    const known = before === undefined ? undefined : await entryAt(github.git.pathOf(repository.id), before, path);
    if (known !== undefined && sha === undefined) throw new Refusal(422, `Invalid request.\n\n"sha" wasn't supplied.`);
    if (sha !== undefined && sha !== known?.sha) throw new Refusal(409, `${path} does not match ${sha}`);
    const files = { [path]: Buffer.from(content, "base64") };
    const commitSha = await pushCommit(github, actor, repository, { branch, message, files });
    const folder = github.git.pathOf(repository.id);
    const [commit] = await commits(folder, [commitSha], 1);
    const entry = await entryAt(folder, commitSha, path);
    if (commit === undefined || entry === undefined) throw new Error(`the commit ${commitSha} lacks ${path}`);
    const body = {
      content: presentEntry(github, repository, branch, entry),
      commit: { ...presentCommit(github, repository, commit).commit, sha: commitSha },
    };
    return json(body, known === undefined ? 201 : 200);
  }),
];

/** A file, raw or described, or what a folder holds. */
async function contents(call: RepositoryCall<"GET /repos/{owner}/{repo}/contents/{path}">): Promise<Reply> {
  const { github, repository, parameters, accept } = call;
  const path = parameters.path.replace(/^\/+|\/+$/g, "");
  const ref = parameters.ref ?? repository.defaultBranch;
  const folder = github.git.pathOf(repository.id);
  const commit = await github.git.commitOf(repository.id, ref);
  if (commit === undefined) throw new Refusal(404, `No commit found for the ref ${ref}`);
  if (path === "") return json(await listing(github, repository, ref, commit, ""));
  const entry = await entryAt(folder, commit, path);
  if (entry === undefined) throw notFound();
  if (entry.type === "tree") return json(await listing(github, repository, ref, entry.sha, `${path}/`));
  const presented = presentEntry(github, repository, ref, entry);
  if (entry.type === "commit") return json({ ...presented, submodule_git_url: "" });
  const content = await blob(folder, entry.sha);
  if (/\braw\b/.test(accept)) return bytes(content, "application/vnd.github.raw; charset=utf-8");
  if (presented.type === "symlink") return json({ ...presented, target: content.toString() });
  if (content.length > largestInline) return json({ ...presented, encoding: "none", content: "" });
  const encoded = content.toString("base64").replaceAll(/.{60}/g, "$&\n");
  return json({ ...presented, encoding: "base64", content: encoded === "" ? "" : `${encoded}\n` });
}

async function listing(
  github: GitHub,
  repository: RepositoryRecord,
  ref: string,
  tree: string,
  prefix: string,
): Promise<unknown[]> {
  const entries: TreeEntry[] = await treeEntries(github.git.pathOf(repository.id), tree);
  return entries.map((entry) => presentEntry(github, repository, ref, { ...entry, path: prefix + entry.path }));
}
