import type { Preview, PreviewStatus } from "../../../src/preview/preview.ts";
import type { PullRequest } from "../../../src/preview/pull-request.ts";

export const headCommit = "3f2a9c1d00000000000000000000000000000001";
export const otherCommit = "0a1b2c3d00000000000000000000000000000002";

/** An open pull request from a branch of the base repository by someone who may write to it. */
export function samplePullRequest(changes: Partial<PullRequest> = {}): PullRequest {
  return {
    key: { installation: 7, repository: { id: 42, nodeId: "R_42" }, number: 12 },
    owner: "acme",
    repository: "shop",
    number: 12,
    title: "A blue front page",
    url: "https://github.example/acme/shop/pull/12",
    state: "open",
    merged: false,
    draft: false,
    labels: [],
    author: { login: "author", bot: false, permission: "write" },
    head: { sha: headCommit, ref: "blue", repositoryId: 42 },
    base: { sha: otherCommit, ref: "main" },
    defaultBranch: "main",
    ...changes,
  };
}

export function samplePreview(status: PreviewStatus = {}, changes: Partial<Preview> = {}): Preview {
  return {
    name: "12-shop",
    uid: "00000000-0000-0000-0000-000000000012",
    resourceVersion: "1",
    createdAt: "2026-01-01T00:00:00Z",
    deleting: false,
    spec: {
      repository: { id: 42, nodeId: "R_42", fullName: "acme/shop" },
      pullRequest: 12,
      installation: 7,
      want: "running",
    },
    status,
    ...changes,
  };
}
