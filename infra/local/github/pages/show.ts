import type { Context, Next } from "hono";
import type { PullRequestRecord, RepositoryRecord, UserRecord } from "../store/records.ts";
import { page } from "./layout.ts";
import type { Watch } from "./live.ts";
import type { Markup } from "./markup.ts";
import type { Site } from "./site.ts";
import { viewerOf, viewers } from "./viewer.ts";

/**
 * Every page says that it runs nothing but our script and shows nothing from elsewhere. A referrer stays within the
 * site, because without one browsers send no origin with forms.
 */
const protection = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

export interface Shown {
  readonly title: string;
  /** Where the page's changes come from, if it is a live one. */
  readonly events?: string | undefined;
  readonly content: Markup;
}

/** Answers with a whole page. */
export async function show({ github }: Site, context: Context, shown: Shown): Promise<Response> {
  const viewer = viewerOf(github, context);
  const whole = page({ ...shown, viewer, viewers: viewers(github), here: context.req.path });
  return context.html(await whole, 200, protection);
}

/** Calls back whenever the stand-in has written a change. */
export function saved({ github }: Site): Watch {
  return (changed) => github.store.onSave(changed);
}

type Answer = Response | Promise<Response>;

/** Answers about the repository that the address names; goes on to the next handler where it names none. */
export async function withRepository(
  { github }: Site,
  context: Context,
  next: Next,
  work: (repository: RepositoryRecord) => Answer,
): Promise<Response | undefined> {
  const repository = github.store.repositoryByName(context.req.param("owner") ?? "", context.req.param("repo") ?? "");
  if (repository !== undefined) return work(repository);
  await next();
  return undefined;
}

/** The same for a pull request. */
export async function withPull(
  site: Site,
  context: Context,
  next: Next,
  work: (repository: RepositoryRecord, pull: PullRequestRecord, viewer: UserRecord) => Answer,
): Promise<Response | undefined> {
  return withRepository(site, context, next, (repository) => {
    const pull = site.github.store.pullRequest(repository, Number(context.req.param("number")));
    return pull === undefined ? context.notFound() : work(repository, pull, viewerOf(site.github, context));
  });
}
