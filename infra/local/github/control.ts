import type { Hono, MiddlewareHandler } from "hono";
import { faultRoutes } from "./faults/routes.ts";
import type { Api } from "./rest/serve.ts";
import { seedRoutes } from "./seed-routes.ts";

/** What tests and the lab ask of the stand-in itself, under an address that no GitHub has. */
export function controlRoutes(app: Hono, { github, calls, settings, faults }: Api): void {
  app.use("/-/*", notFromOtherSites(github.url));
  app.get("/-/calls", (context) => context.json(calls.log()));
  app.get("/-/calls/totals", (context) => context.json(calls.totals()));
  app.delete("/-/calls", (context) => {
    calls.clear();
    return context.body(null, 204);
  });
  app.post("/-/settings", async (context) => {
    const wanted: unknown = await context.req.json();
    const problem = applySettings(settings, wanted);
    return problem === undefined ? context.json(settings) : context.json({ message: problem }, 422);
  });
  app.get("/-/settings", (context) => context.json(settings));
  faultRoutes(app, faults);
  seedRoutes(app, github);
  app.all("/-/*", (context) => {
    const route = `${context.req.method} ${context.req.path}`;
    github.complain(`unknown route: ${route}`);
    return context.json({ message: "Not Found", unknown_route: route }, 404);
  });
}

/** Refuses what a browser sends for a page of another site; programs name no origin. */
function notFromOtherSites(url: string): MiddlewareHandler {
  return async (context, next) => {
    const origin = context.req.header("origin");
    if (origin !== undefined && origin !== url) return context.json({ message: "This came from another site." }, 403);
    await next();
    return undefined;
  };
}

function applySettings(settings: Api["settings"], wanted: unknown): string | undefined {
  if (typeof wanted !== "object" || wanted === null) return "settings must be an object";
  for (const [name, value] of Object.entries(wanted)) {
    if (name !== "etags" || (value !== "by-token" && value !== "by-content"))
      return `${name} cannot be ${String(value)}`;
    settings.etags = value;
  }
  return undefined;
}
