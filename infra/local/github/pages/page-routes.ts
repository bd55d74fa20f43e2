import type { Hono } from "hono";
import type { Board } from "../../supply/board.ts";
import { readBoard, watchBoard } from "./board/file.ts";
import { boardContent, boardParts } from "./board/page.ts";
import { deliveryContent } from "./delivery-page.ts";
import { homeContent, homeParts } from "./home-page.ts";
import { liveParts, type Watch } from "./live.ts";
import { saved, show } from "./show.ts";
import type { Site } from "./site.ts";
import { viewerOf } from "./viewer.ts";

/** The first page, people, the lab and deliveries. */
export function pageRoutes(app: Hono, site: Site): void {
  const { github } = site;
  app.get("/", (context) => {
    const content = homeContent(site, viewerOf(github, context), undefined);
    return show(site, context, { title: "Repositories", events: "/-/home/events", content });
  });
  app.get("/-/home/events", (context) => liveParts(context, saved(site), async () => homeParts(site, undefined)));
  app.get("/:owner", (context, next) => {
    const owner = github.store.userByLogin(context.req.param("owner"));
    if (owner === undefined) return next();
    return show(site, context, { title: owner.login, content: homeContent(site, viewerOf(github, context), owner) });
  });

  app.get("/-/lab", (context) =>
    show(site, context, { title: "The lab", events: "/-/lab/events", content: boardContent(boardOf(site)) }),
  );
  app.get("/-/lab/events", (context) => {
    const { boardFile } = site;
    const watch: Watch = (changed) => (boardFile === undefined ? () => undefined : watchBoard(boardFile, changed));
    return liveParts(context, watch, async () => boardParts(boardOf(site)));
  });

  app.get("/-/deliveries/:id{[0-9]+}", (context) => {
    const found = github.webhooks.deliveries.get(Number(context.req.param("id")));
    if (found === undefined) return context.notFound();
    const { summary, content } = found;
    return show(site, context, { title: summary.event, content: deliveryContent(summary, content) });
  });
}

function boardOf({ boardFile }: Site): Board | undefined {
  return boardFile === undefined ? undefined : readBoard(boardFile);
}
