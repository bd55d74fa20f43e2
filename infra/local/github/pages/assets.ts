import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Hono } from "hono";
import type { GitHub } from "../context.ts";
import { avatarSvg } from "./avatar.ts";

const types = { "style.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml" } as const;

/** The pages' style, script and pictures. */
export function assetRoutes(app: Hono, github: GitHub): void {
  for (const [file, type] of Object.entries(types)) {
    const content = readFileSync(join(import.meta.dirname, "assets", file), "utf8");
    app.get(`/-/assets/${file}`, (context) => context.body(content, 200, headers(type)));
  }
  app.get("/-/avatars/:file", (context) => {
    const user = github.store.directory.users.find(({ id }) => `${id}.svg` === context.req.param("file"));
    if (user === undefined) return context.notFound();
    return context.body(avatarSvg(user), 200, headers("image/svg+xml"));
  });
}

function headers(type: string): Record<string, string> {
  return { "content-type": `${type}; charset=utf-8`, "cache-control": "no-cache", "x-content-type-options": "nosniff" };
}
