import type { Context, Hono } from "hono";
import { notFound, Refusal } from "../actions/refusal.ts";
import type { RepositoryRecord } from "../store/records.ts";
import { answerForm, required } from "./forms.ts";
import { verbs } from "./pull/actions.ts";
import { pullPath, repositoryPath } from "./pull/subject.ts";
import { stranger } from "./repository-page.ts";
import { openForkPullRequest, openSamplePullRequest } from "./sample-change.ts";
import { sameOrigin } from "./same-origin.ts";
import { createFromSample, isSample } from "./samples.ts";
import type { Site } from "./site.ts";
import { actAs, viewerOf, viewers } from "./viewer.ts";

/** What the pages' buttons do. */
export function formRoutes(app: Hono, site: Site): void {
  const { github } = site;
  const guarded = sameOrigin(github.url);

  app.post("/-/viewer", guarded, (context) =>
    answerForm(context, (fields) => {
      const chosen = viewers(github).find(({ login }) => login === required(fields, "login"));
      if (chosen === undefined) throw notFound();
      actAs(context, chosen);
      return localPath(required(fields, "back"), github.url);
    }),
  );
  app.post("/-/repositories", guarded, (context) =>
    answerForm(context, async (fields) => {
      const sample = required(fields, "sample");
      if (!isSample(sample)) throw notFound();
      return repositoryPath(site, await createFromSample(github, viewerOf(github, context), sample));
    }),
  );
  app.post("/-/repository/:owner/:repo/open", guarded, (context) =>
    answerForm(context, async () => {
      const repository = repositoryIn(site, context);
      const pull = await openSamplePullRequest(github, viewerOf(github, context), repository);
      return pullPath(site, repository, pull);
    }),
  );
  app.post("/-/repository/:owner/:repo/fork", guarded, (context) =>
    answerForm(context, async () => {
      const repository = repositoryIn(site, context);
      const visitor = github.store.userByLogin(stranger);
      if (visitor === undefined) throw notFound();
      const pull = await openForkPullRequest(github, visitor, repository);
      return pullPath(site, repository, pull);
    }),
  );
  app.post("/-/pull/:owner/:repo/:number{[0-9]+}/:verb", guarded, (context) =>
    answerForm(context, async (fields) => {
      const repository = repositoryIn(site, context);
      const pull = github.store.pullRequest(repository, Number(context.req.param("number")));
      const name = context.req.param("verb");
      const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
      if (pull === undefined || verb === undefined) throw notFound();
      await verb({ github, repository, pull, actor: viewerOf(github, context), fields });
      return pullPath(site, repository, pull);
    }),
  );
  app.post("/-/deliveries/:id{[0-9]+}/redeliver", guarded, (context) =>
    answerForm(context, () => {
      const id = Number(context.req.param("id"));
      if (!github.webhooks.redeliver(id)) throw new Refusal(404, "There is no such delivery any more.");
      return `/-/deliveries/${id}`;
    }),
  );
}

function repositoryIn({ github }: Site, context: Context): RepositoryRecord {
  const repository = github.store.repositoryByName(context.req.param("owner") ?? "", context.req.param("repo") ?? "");
  if (repository === undefined) throw notFound();
  return repository;
}

/** The path of an address if it is one of this site, else the first page. */
function localPath(address: string, url: string): string {
  const origin = new URL(url).origin;
  const target = URL.canParse(address, url) ? new URL(address, url) : undefined;
  return target?.origin === origin ? target.pathname : "/";
}
