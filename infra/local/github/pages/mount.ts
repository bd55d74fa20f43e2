import type { Hono } from "hono";
import type { GitHub } from "../context.ts";
import { assetRoutes } from "./assets.ts";
import { formRoutes } from "./form-routes.ts";
import { createMarkdown } from "./markdown.ts";
import { pageRoutes } from "./page-routes.ts";
import { DeliveryIndex } from "./pull/delivery-index.ts";
import { pullRoutes } from "./pull/routes.ts";
import { repositoryRoutes } from "./repository-routes.ts";
import type { Site } from "./site.ts";

export interface PagesDeps {
  readonly github: GitHub;
  /** Where the lab writes its progress; undefined outside the lab. */
  readonly boardFile?: string | undefined;
}

/** Puts the pages for people into the stand-in. Addresses that are none of theirs go on to whoever comes next. */
export function mountPages(app: Hono, { github, boardFile }: PagesDeps): void {
  const site: Site = {
    github,
    boardFile,
    deliveries: new DeliveryIndex(github.webhooks.deliveries),
    markdown: createMarkdown(),
  };
  assetRoutes(app, github);
  formRoutes(app, site);
  pageRoutes(app, site);
  repositoryRoutes(app, site);
  pullRoutes(app, site);
}
