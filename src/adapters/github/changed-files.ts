import { z } from "zod";
import { keyString } from "../../preview/key.ts";
import type { PullRequest } from "../../preview/pull-request.ts";
import type { GitHubClient } from "./client.ts";
import { Memory } from "./memory.ts";
import { readPage } from "./pages.ts";

const pageSize = 100;
/** Whoever changes more has changed something that previews are made for. */
const mostPages = 3;

const files = z.array(z.object({ filename: z.string(), previous_filename: z.string().optional() }));

/** Lists what pull requests change, once for each commit. */
export function createChangedFiles(client: GitHubClient) {
  const known = new Memory<string, readonly string[] | "many">(1_000);

  return async (pr: PullRequest, signal: AbortSignal): Promise<readonly string[] | "many"> => {
    const name = `${keyString(pr.key)} ${pr.base.ref} ${pr.base.sha} ${pr.head.sha}`;
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const purpose = `listing what pull request ${keyString(pr.key)} changes`;
    const listed = await client.as(pr.key.installation, purpose, signal, async (octokit, limit) => {
      const paths: string[] = [];
      for (let page = 1; page <= mostPages; page += 1) {
        const parameters = {
          owner: pr.owner,
          repo: pr.repository,
          pull_number: pr.number,
          per_page: pageSize,
          page,
        };
        const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/files";
        const read = (data: unknown) => files.parse(data);
        // oxlint-disable-next-line no-await-in-loop -- whether there is another page is known by this one
        const { items } = await readPage(octokit, route, parameters, undefined, read, limit);
        paths.push(...items.flatMap((each) => [each.filename, each.previous_filename ?? each.filename]));
        if (items.length < pageSize) return [...new Set(paths)];
      }
      return "many" as const;
    });
    known.set(name, listed);
    return listed;
  };
}
