import { blob, entryAt, objectType, treeEntries } from "../git/content.ts";
import { nodeId } from "../present/ids.ts";
import type { RepositoryRecord } from "../store/records.ts";
import { requirePermission } from "./access.ts";
import { field, type GraphObject, lazy, type Query, refused } from "./fields.ts";

/** A branch, by its name. */
export async function refObject(
  query: Query,
  repository: RepositoryRecord,
  branch: string,
): Promise<GraphObject | null> {
  requirePermission(query, repository, ["contents:read"]);
  const sha = await query.github.git.branch(repository.id, branch);
  if (sha === undefined) return null;
  return {
    __typename: "Ref",
    id: nodeId("R", repository.id, branch),
    name: branch,
    prefix: "refs/heads/",
    target: commitObject(query, repository, sha),
  };
}

export interface ObjectArguments {
  readonly expression?: string;
  readonly oid?: string;
}

/** What `sha`, `branch` or `revision:path` names. */
export async function gitObject(
  query: Query,
  repository: RepositoryRecord,
  { expression, oid }: ObjectArguments,
): Promise<GraphObject | null> {
  requirePermission(query, repository, ["contents:read"]);
  const { git } = query.github;
  const path = git.pathOf(repository.id);
  const [revision = "", file] = (expression ?? oid ?? "").split(/:(.*)/s);
  const commit = await git.commitOf(repository.id, revision);
  if (commit === undefined) return null;
  if (file === undefined) return commitObject(query, repository, commit);
  const entry = file === "" ? undefined : await entryAt(path, commit, file);
  if (entry?.type !== "blob") {
    const tree = file === "" ? commit : entry?.sha;
    if (tree === undefined || (await objectType(path, tree)) === undefined) return null;
    const entries = await treeEntries(path, tree);
    return {
      __typename: "Tree",
      ...gitObjectFields(repository, tree),
      entries: entries.map(({ path: name, sha, type }) => ({ __typename: "TreeEntry", name, oid: sha, type })),
    };
  }
  return await blobObject(query, repository, entry.sha);
}

function commitObject(query: Query, repository: RepositoryRecord, sha: string): GraphObject {
  const path = query.github.git.pathOf(repository.id);
  return {
    __typename: "Commit",
    ...gitObjectFields(repository, sha),
    file: field<{ path: string }>(["path"], async ({ path: wanted }) => {
      const entry = wanted === "" ? undefined : await entryAt(path, sha, wanted);
      if (entry === undefined) throw refused("NOT_FOUND", `Could not resolve file for path '${wanted}'.`);
      return {
        __typename: "TreeEntry",
        name: wanted.replace(/^.*\//, ""),
        path: wanted,
        oid: entry.sha,
        type: entry.type,
        mode: Number.parseInt(entry.mode, 8),
        object: lazy(() =>
          entry.type === "blob"
            ? blobObject(query, repository, entry.sha)
            : { __typename: entry.type === "tree" ? "Tree" : "Commit", ...gitObjectFields(repository, entry.sha) },
        ),
      };
    }),
  };
}

/** GitHub shows so much of a file. */
const mostBytes = 512_000;

async function blobObject(query: Query, repository: RepositoryRecord, sha: string): Promise<GraphObject> {
  const content = await blob(query.github.git.pathOf(repository.id), sha);
  const isBinary = content.includes(0);
  return {
    __typename: "Blob",
    ...gitObjectFields(repository, sha),
    byteSize: content.length,
    isBinary,
    isTruncated: content.length > mostBytes,
    text: isBinary ? null : content.subarray(0, mostBytes).toString(),
  };
}

function gitObjectFields(repository: RepositoryRecord, oid: string) {
  return { id: nodeId("C", repository.id, oid), oid, abbreviatedOid: oid.slice(0, 7) };
}
