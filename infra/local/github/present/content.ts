import type { GitHub } from "../context.ts";
import type { TreeEntry } from "../git/content.ts";
import type { RepositoryRecord } from "../store/records.ts";
import { repositoryApi, repositoryPage } from "./repository.ts";

const symbolicLink = "120000";

export type ContentType = "file" | "dir" | "symlink" | "submodule";

export function contentType({ type, mode }: TreeEntry): ContentType {
  if (type === "tree") return "dir";
  if (type === "commit") return "submodule";
  return mode === symbolicLink ? "symlink" : "file";
}

/** A file or folder of a commit, without its content. */
export function presentEntry(github: GitHub, repository: RepositoryRecord, ref: string, entry: TreeEntry) {
  const api = repositoryApi(github, repository);
  const page = repositoryPage(github, repository);
  const path = entry.path.split("/").map(encodeURIComponent).join("/");
  const url = `${api}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const isTree = entry.type === "tree";
  const gitUrl = `${api}/git/${isTree ? "trees" : "blobs"}/${entry.sha}`;
  const htmlUrl = `${page}/${isTree ? "tree" : "blob"}/${encodeURIComponent(ref)}/${path}`;
  return {
    name: entry.path.split("/").at(-1) ?? "",
    path: entry.path,
    sha: entry.sha,
    size: entry.size ?? 0,
    url,
    html_url: htmlUrl,
    git_url: gitUrl,
    download_url: isTree ? null : `${page}/raw/${encodeURIComponent(ref)}/${path}`,
    type: contentType(entry),
    _links: { self: url, git: gitUrl, html: htmlUrl },
  };
}
