import type { Hono } from "hono";
import { diff } from "../diff.ts";
import { liveParts } from "../live.ts";
import { html } from "../markup.ts";
import { saved, show, withPull } from "../show.ts";
import type { Site } from "../site.ts";
import { filesOf } from "./comparison.ts";
import { pullContent, pullParts, subjectOf } from "./page.ts";
import { pullAction, pullPath } from "./subject.ts";

/** A pull request's page, its changes as they happen, and the files it changes. */
export function pullRoutes(app: Hono, site: Site): void {
  const { github } = site;
  app.get("/:owner/:repo/pull/:number{[0-9]+}", (context, next) =>
    withPull(site, context, next, async (repository, pull, viewer) =>
      show(site, context, {
        title: `${pull.title} #${pull.number}`,
        events: pullAction(site, repository, pull, "events"),
        content: pullContent(await subjectOf(site, repository, pull, viewer)),
      }),
    ),
  );
  app.get("/-/pull/:owner/:repo/:number{[0-9]+}/events", (context, next) =>
    withPull(site, context, next, (repository, pull, viewer) =>
      liveParts(context, saved(site), async () =>
        github.store.repositoryById(repository.id) === undefined
          ? undefined
          : pullParts(await subjectOf(site, repository, pull, viewer)),
      ),
    ),
  );
  app.get("/:owner/:repo/pull/:number{[0-9]+}/files", (context, next) =>
    withPull(site, context, next, async (repository, pull) => {
      const back = pullPath(site, repository, pull);
      const files = await filesOf(github, repository, pull);
      const title = html`<h1 data-testid="title"><a href="${back}">${pull.title}</a> <small>#${pull.number}</small></h1>`;
      return show(site, context, { title: `${pull.title} #${pull.number}`, content: html`${title}${diff(files)}` });
    }),
  );
}
