import type { GitHub } from "../context.ts";
import type { ChangedFile, Commit } from "../git/history.ts";
import type { RepositoryRecord } from "../store/records.ts";
import { nodeId } from "./ids.ts";
import { repositoryApi, repositoryPage } from "./repository.ts";
import { presentUser, userOfAddress } from "./users.ts";

export function presentCommit(github: GitHub, repository: RepositoryRecord, commit: Commit) {
  const api = repositoryApi(github, repository);
  const page = repositoryPage(github, repository);
  const account = (email: string) => {
    const user = userOfAddress(github, email);
    return user === undefined ? null : presentUser(github, user);
  };
  return {
    sha: commit.sha,
    node_id: nodeId("C", repository.id, commit.sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.treeSha, url: `${api}/git/trees/${commit.treeSha}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null },
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: account(commit.author.email),
    committer: account(commit.committer.email),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
  };
}

export function presentChangedFile(github: GitHub, repository: RepositoryRecord, commitSha: string, file: ChangedFile) {
  const page = repositoryPage(github, repository);
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${commitSha}/${path}`,
    raw_url: `${page}/raw/${commitSha}/${path}`,
    contents_url: `${repositoryApi(github, repository)}/contents/${path}?ref=${commitSha}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
  };
}
