import type { Context, Hono } from "hono";
import { type About, answering } from "../faults/requests.ts";
import { serveGraphql } from "../graphql/serve.ts";
import { appRoutes } from "./apps.ts";
import { checkRoutes } from "./checks.ts";
import { contentRoutes } from "./contents.ts";
import { deploymentRoutes } from "./deployments.ts";
import { environmentRoutes } from "./environments.ts";
import { gitDataRoutes } from "./git-data.ts";
import { hookRoutes } from "./hooks.ts";
import { issueRoutes } from "./issues.ts";
import { labelRoutes } from "./labels.ts";
import { limitRoutes } from "./limits.ts";
import { pullRoutes } from "./pulls.ts";
import { reactionRoutes } from "./reactions.ts";
import { repositoryRoutes } from "./repositories.ts";
import type { Route } from "./route.ts";
import { type Api, publish, serve } from "./serve.ts";
import { userRoutes } from "./users.ts";

const all: readonly Route[] = [
  ...appRoutes,
  ...hookRoutes,
  ...userRoutes,
  ...limitRoutes,
  ...repositoryRoutes,
  ...pullRoutes,
  ...issueRoutes,
  ...labelRoutes,
  ...reactionRoutes,
  ...checkRoutes,
  ...deploymentRoutes,
  ...environmentRoutes,
  ...contentRoutes,
  ...gitDataRoutes,
];

/** Where the API is found: as on api.github.com, and as on a GitHub of one's own. */
const prefixes = ["", "/api/v3"] as const;

/** First words of paths that are the API's where it stands at the root, and nobody's pages. */
const apiWords =
  /^\/(?:api|app|graphql|installation|notifications|orgs|rate_limit|repos|repositories|search|user|users)(?:\/|$)/;

/** Mounts the API. Whatever under its addresses is not implemented is refused, loudly. */
export function apiRoutes(app: Hono, api: Api): void {
  const routes = all.toSorted((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
  for (const prefix of prefixes) {
    app.all(`${prefix}/repos/:owner/:repo/*`, (context, next) => moved(api, context, next));
    for (const route of routes) {
      const published = publish(route);
      for (const pattern of patternsOf(route)) {
        app.on(route.method, prefix + pattern, (context) =>
          answering(api, context, aboutOf(route), () => serve(api, published, context.req.raw, pathOf(context))),
        );
      }
    }
  }
  for (const path of ["/graphql", "/api/graphql"]) {
    app.post(path, (context) =>
      answering(api, context, { surface: "graphql", route: "graphql" }, () => serveGraphql(api, context.req.raw)),
    );
  }
  app.all("*", (context, next) => (apiWords.test(context.req.path) ? unknownRoute(api, context) : next()));
}

const tokenTemplate = "/app/installations/{installation_id}/access_tokens";

function aboutOf({ template }: Route): About {
  return { surface: template === tokenTemplate ? "token" : "rest", route: template };
}

/** What to sort by so that a literal word in a path goes before a parameter at the same place. */
function orderOf({ template }: Route): string {
  return template.replaceAll("{", "\uffff");
}

/** A template as the router's patterns; what is about a repository is also found by its number. */
function patternsOf({ template, access }: Route): string[] {
  const pattern = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    manySegments.has(`${template} ${name}`) ? `:${name}{.+}` : `:${name}`,
  );
  const root = pattern.replace("/:path{.+}", "");
  const patterns = template === contentsTemplate ? [pattern, root, `${root}/`] : [pattern];
  if (access.kind !== "repository") return patterns;
  return [...patterns, ...patterns.map(byNumber)];
}

function byNumber(pattern: string): string {
  return pattern.replace("/repos/:owner/:repo", "/repositories/:repository_id{[0-9]+}");
}

/** Its path may be empty: the repository's root. */
const contentsTemplate = "/repos/{owner}/{repo}/contents/{path}";

/** Parameters that end a path and may have slashes in them. */
const manySegments = new Set([
  `${contentsTemplate} path`,
  "/repos/{owner}/{repo}/compare/{basehead} basehead",
  "/repos/{owner}/{repo}/git/ref/{ref} ref",
  "/repos/{owner}/{repo}/git/refs/{ref} ref",
  "/repos/{owner}/{repo}/branches/{branch} branch",
]);

function pathOf(context: Context): Record<string, string> {
  const names = context.req.param();
  return /\/contents\/?$/.test(context.req.path) ? { path: "", ...names } : names;
}

/** Leads from a repository's former name to its number, as GitHub does after a rename. */
async function moved(api: Api, context: Context, next: () => Promise<void>): Promise<Response | undefined> {
  const { owner = "", repo = "" } = pathOf(context);
  const { store } = api.github;
  const current = store.repositoryByName(owner, repo);
  const repository = current === undefined ? store.repositoryByFormerName(owner, repo) : undefined;
  if (repository === undefined) {
    await next();
    return undefined;
  }
  const url = new URL(context.req.url);
  url.pathname = url.pathname.replace(`/repos/${owner}/${repo}`, `/repositories/${repository.id}`);
  return context.json({ message: "Moved Permanently", url: url.href }, 301, { location: url.href });
}

function unknownRoute(api: Api, context: Context): Response {
  const route = `${context.req.method} ${context.req.path}`;
  api.github.complain(`unknown route: ${route}`);
  return context.json({ message: `Not Found: the stand-in has no route ${route}`, unknown_route: route }, 404);
}
