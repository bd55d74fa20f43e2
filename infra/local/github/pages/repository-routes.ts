import type { Hono } from "hono";
import { changedFiles, commits } from "../git/history.ts";
import type { RepositoryRecord } from "../store/records.ts";
import { diff } from "./diff.ts";
import { liveParts } from "./live.ts";
import { type Escaped, html, moment, path } from "./markup.ts";
import { pullPath, repositoryPath } from "./pull/subject.ts";
import { repositoryContent, repositoryParts } from "./repository-page.ts";
import { saved, show, withRepository } from "./show.ts";
import type { Site } from "./site.ts";
import { viewerOf } from "./viewer.ts";

/** A repository's page, and those of its commits. */
export function repositoryRoutes(app: Hono, site: Site): void {
  const { github } = site;
  app.get("/:owner/:repo", (context, next) =>
    withRepository(site, context, next, async (repository) =>
      show(site, context, {
        title: fullName(site, repository),
        events: path("-", "repository", github.store.user(repository.ownerId).login, repository.name, "events"),
        content: await repositoryContent(site, repository, viewerOf(github, context)),
      }),
    ),
  );
  app.get("/-/repository/:owner/:repo/events", (context, next) =>
    withRepository(site, context, next, ({ id }) =>
      liveParts(context, saved(site), async () => {
        const repository = github.store.repositoryById(id);
        return repository === undefined ? undefined : repositoryParts(site, repository, viewerOf(github, context));
      }),
    ),
  );
  app.get("/:owner/:repo/commit/:sha{[0-9a-f]{7,40}}", (context, next) =>
    withRepository(site, context, next, async (repository) => {
      const sha = context.req.param("sha");
      const content = await commitContent(site, repository, sha);
      return content === undefined ? context.notFound() : show(site, context, { title: sha, content });
    }),
  );
  // A check run has no page of its own: the pull request shows it.
  app.get("/:owner/:repo/runs/:id{[0-9]+}", (context, next) =>
    withRepository(site, context, next, (repository) => {
      const run = repository.checkRuns.find(({ id }) => String(id) === context.req.param("id"));
      const pull = github.store.pullRequests(repository).findLast(({ head }) => head.sha === run?.headSha);
      return run === undefined || pull === undefined
        ? context.notFound()
        : context.redirect(`${pullPath(site, repository, pull)}#check-${run.id}`);
    }),
  );
}

function fullName({ github }: Site, repository: RepositoryRecord): string {
  return `${github.store.user(repository.ownerId).login}/${repository.name}`;
}

async function commitContent(site: Site, repository: RepositoryRecord, name: string): Promise<Escaped | undefined> {
  const { git } = site.github;
  const folder = git.pathOf(repository.id);
  const sha = await git.commitOf(repository.id, name);
  const commit = sha === undefined ? undefined : (await commits(folder, [sha], 1))[0];
  if (commit === undefined) return undefined;
  const files = await changedFiles(folder, commit.parents[0], commit.sha);
  return html`<p class="path"><a href="${repositoryPath(site, repository)}">${fullName(site, repository)}</a></p>
<h1 data-testid="title">${commit.message.split("\n")[0]}</h1>
<p class="muted">${commit.author.name} · ${moment(commit.committer.date)} · <code>${commit.sha}</code></p>${diff(files)}`;
}
