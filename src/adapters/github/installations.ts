import { createHash } from "node:crypto";
import { z } from "zod";
import { inParallel } from "../../in-parallel.ts";
import type { Installations, OpenPullRequest, OpenPullRequests, SaidUnder, Unread } from "../../ports/installations.ts";
import { traitsName } from "../../policy/traits.ts";
import { FailureError } from "../../preview/failure.ts";
import { createGitHubClient, type GitHubOptions } from "./client.ts";
import { rateLimited } from "./failures.ts";
import { type Page, readPages } from "./pages.ts";
import { numberOf, readComments, saidOf } from "./said.ts";

export type InstallationsOptions = GitHubOptions & {
  /** How many GitHub puts on a page; smaller only where many pages are to be tried. */
  pageSize?: number;
};

const atOnce = 8;
/** After so many repositories in a row without an answer, the rest of their installation is not asked for. */
const mostSilent = 3;

const installation = z.object({ id: z.int(), suspended_at: z.string().nullish() });
const repository = z.object({
  id: z.int(),
  node_id: z.string(),
  name: z.string(),
  owner: z.object({ login: z.string() }),
});
const repositories = z.object({ repositories: z.array(repository) });
const pullRequests = z.array(
  z.object({
    number: z.int(),
    updated_at: z.string(),
    draft: z.boolean().nullish(),
    labels: z.array(z.object({ name: z.string().nullish() })),
    head: z.object({ sha: z.string() }),
    base: z.object({ ref: z.string(), sha: z.string() }),
  }),
);

type Repository = z.infer<typeof repository>;
type Place = { installation: number; repository: Repository };

/** The app's installations on GitHub. What it remembers of each list is small and goes with the repository. */
export function createInstallations(options: InstallationsOptions): Installations {
  const client = createGitHubClient(options);
  const pageSize = options.pageSize ?? 100;
  let installations: Page<z.infer<typeof installation>>[] = [];
  const repositoriesOf = new Map<number, Page<Repository>[]>();
  const pullRequestsOf = new Map<number, Page<OpenPullRequest>[]>();
  /** What was said since a moment, where that is a single page. */
  const commentsOf = new Map<number, { since: number; pages: Page<SaidUnder>[] }>();

  const listInstallations = async (signal: AbortSignal): Promise<number[]> => {
    installations = await client.asApp("listing its installations", signal, (octokit, limit) =>
      readPages(
        octokit,
        { route: "GET /app/installations", pageSize, read: (data) => z.array(installation).parse(data) },
        installations,
        limit,
      ),
    );
    const all = installations.flatMap(({ items }) => items);
    return all.filter(({ suspended_at: suspendedAt }) => (suspendedAt ?? undefined) === undefined).map(({ id }) => id);
  };

  const listRepositories = async (id: number, signal: AbortSignal): Promise<Repository[]> => {
    const pages = await client.as(id, "listing the repositories of an installation", signal, (octokit, limit) =>
      readPages(
        octokit,
        { route: "GET /installation/repositories", pageSize, read: (data) => repositories.parse(data).repositories },
        repositoriesOf.get(id) ?? [],
        limit,
      ),
    );
    repositoriesOf.set(id, pages);
    return unique(
      pages.flatMap(({ items }) => items),
      (each) => each.id,
    );
  };

  const listPullRequests = async ({ installation: id, repository: of }: Place, signal: AbortSignal) => {
    const pages = await client.as(id, "listing open pull requests", signal, (octokit, limit) =>
      readPages(
        octokit,
        {
          route: "GET /repos/{owner}/{repo}/pulls",
          parameters: { owner: of.owner.login, repo: of.name, state: "open" },
          pageSize,
          read: (data) => pullRequests.parse(data).map(asOpen),
        },
        pullRequestsOf.get(of.id) ?? [],
        limit,
      ),
    );
    pullRequestsOf.set(of.id, pages);
    return unique(
      pages.flatMap(({ items }) => items),
      (each) => each.number,
    );
  };

  return {
    async comments({ installation: id, repository: { id: of } }, since, signal) {
      const known = [...(repositoriesOf.get(id) ?? [])].flatMap(({ items }) => items).find((each) => each.id === of);
      if (known === undefined) throw new Error(`repository ${of} was not read through installation ${id}`);
      const before = commentsOf.get(of);
      const pages = await client.as(id, "reading the comments of a repository", signal, (octokit, limit) =>
        readPages(
          octokit,
          {
            route: "GET /repos/{owner}/{repo}/issues/comments",
            parameters: { owner: known.owner.login, repo: known.name, since: since.toISOString() },
            pageSize,
            read: (data) => readComments(data).map((each) => ({ ...saidOf(each), pullRequest: numberOf(each) })),
          },
          before?.since === since.getTime() ? before.pages : [],
          limit,
        ),
      );
      if (pages.length === 1) commentsOf.set(of, { since: since.getTime(), pages });
      else commentsOf.delete(of);
      return pages.flatMap(({ items }) => items);
    },
    async *openPullRequests(signal, onTrouble) {
      signal.throwIfAborted();
      const silences = new Map<number, number>();
      const given = new Set<number>();
      const giveUp = (id: number, error: unknown): void => {
        if (!given.has(id)) onTrouble({ installation: id }, error);
        given.add(id);
      };
      /** What it answers is undefined where GitHub could not be read. */
      const guarded = async <T>(id: number, unread: Unread, read: () => Promise<T>): Promise<T | undefined> => {
        if (given.has(id)) return undefined;
        try {
          const answer = await read();
          silences.delete(id);
          return answer;
        } catch (error) {
          signal.throwIfAborted();
          const failure = error instanceof FailureError ? error.failure : undefined;
          const silent = failure?.kind === "transient" ? (silences.get(id) ?? 0) + 1 : 0;
          silences.set(id, silent);
          const isOver = failure?.code === rateLimited || silent >= mostSilent;
          if (isOver || !("repository" in unread)) giveUp(id, error);
          else onTrouble(unread, error);
          return undefined;
        }
      };

      const ids = await listInstallations(signal);
      const listed = inParallel(ids, atOnce, async (id) => {
        const found = await guarded(id, { installation: id }, () => listRepositories(id, signal));
        return (found ?? []).map((each): Place => ({ installation: id, repository: each }));
      });
      const seen = new Set<number>();
      const read = inParallel(flattened(listed), atOnce, async (place): Promise<OpenPullRequests | undefined> => {
        const { id, node_id: nodeId } = place.repository;
        seen.add(id);
        const unread = { repository: id, installation: place.installation };
        const found = await guarded(place.installation, unread, () => listPullRequests(place, signal));
        if (found === undefined) return undefined;
        return { installation: place.installation, repository: { id, nodeId }, pullRequests: found };
      });
      for await (const each of read) if (each !== undefined) yield each;
      // Only what is gone for good is forgotten; what is out of sight will be asked for again.
      if (given.size > 0) return;
      for (const known of [pullRequestsOf, commentsOf]) {
        for (const id of known.keys()) if (!seen.has(id)) known.delete(id);
      }
      for (const id of repositoriesOf.keys()) if (!ids.includes(id)) repositoriesOf.delete(id);
    },
  };
}

function asOpen(pr: z.infer<typeof pullRequests>[number]): OpenPullRequest {
  const { number, head, base, draft, labels, updated_at: updatedAt } = pr;
  // GitHub's time has whole seconds; two changes within one are told apart by what matters to us.
  const told = [updatedAt, head.sha, base.ref, base.sha, draft, labels.map(({ name }) => name)];
  const version = createHash("sha256").update(JSON.stringify(told)).digest("base64url").slice(0, 16);
  const names = labels.flatMap(({ name }) => name ?? []);
  return {
    number,
    head: head.sha,
    version,
    changedAt: new Date(updatedAt),
    traits: traitsName({ draft: draft ?? false, labels: names, baseRef: base.ref }),
  };
}

/** What moved from one page to the next while they were read is in both. */
function unique<T>(items: readonly T[], idOf: (item: T) => number): T[] {
  return [...new Map(items.map((item) => [idOf(item), item])).values()];
}

async function* flattened<T>(lists: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const list of lists) yield* list;
}
