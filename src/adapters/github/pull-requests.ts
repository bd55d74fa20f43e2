import type { PullRequests } from "../../ports/pull-requests.ts";
import { createChangedFiles } from "./changed-files.ts";
import { createCheckWriter } from "./checks.ts";
import { type GitHubOptions, type OptionalPermission, createGitHubClient } from "./client.ts";
import { createCommentWriter } from "./comments.ts";
import { createDeploymentRetirer, createDeploymentWriter } from "./deployments.ts";
import { Memory } from "./memory.ts";
import { createReader } from "./read.ts";

/** Pull requests on GitHub or on a GitHub Enterprise Server, as the app's installations see them. */
export function createPullRequests(options: GitHubOptions): PullRequests {
  const client = createGitHubClient(options);
  const host = gitHost(options.apiUrl);
  const known = new Memory<string, true>(1_000);
  const refused = (installation: number, permission: OptionalPermission): void => {
    const name = `${installation} ${permission}`;
    if (known.get(name) !== undefined) return;
    known.set(name, true);
    options.onRefused?.(installation, permission);
  };
  return {
    read: createReader(client, options.appId),
    changedFiles: createChangedFiles(client),
    comment: createCommentWriter(client),
    check: createCheckWriter(client, (installation) => refused(installation, "checks")),
    deployment: createDeploymentWriter(client, (installation) => refused(installation, "deployments")),
    retireDeployments: createDeploymentRetirer(client),
    async gitAccess(pr, signal) {
      const password = await client.readToken(pr.key.installation, pr.key.repository.id, signal);
      return { url: `${host}/${pr.owner}/${pr.repository}.git`, username: "x-access-token", password };
    },
  };
}

/** Where git is served: beside the API on an Enterprise Server, on a host of its own on github.com. */
export function gitHost(apiUrl: string): string {
  const { protocol, host } = new URL(apiUrl);
  return `${protocol}//${host.replace(/^api\.(?=github\.com$|.+\.ghe\.com$)/, "")}`;
}
