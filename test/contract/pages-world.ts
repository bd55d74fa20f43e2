import type { Page } from "playwright-core";
import { mountPages } from "../../infra/local/github/pages/mount.ts";
import { startWorld, type World } from "../integration/github/world.ts";

/** A stand-in with its pages, and somebody who listens to its webhooks. */
export function startPages(boardFile?: string): Promise<World> {
  return startWorld({ pages: (app, { github }) => mountPages(app, { github, boardFile }) });
}

/** Sends a form as the script of the pages does, without a browser. */
export function submit(
  world: World,
  path: string,
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = { origin: world.hub.url },
): Promise<Response> {
  return fetch(world.hub.url + path, {
    method: "POST",
    redirect: "manual",
    headers: { accept: "application/json", ...headers },
    body: new URLSearchParams(fields),
  });
}

/** A file of one of author's or maintainer's repositories, as text. */
export async function fileOf(
  world: World,
  wanted: { readonly owner: string; readonly repo: string; readonly path: string; readonly ref: string },
): Promise<string> {
  const { data } = await world.as(wanted.owner).rest.repos.getContent(wanted);
  if (!("content" in data)) throw new Error(`${wanted.path} is no file`);
  return Buffer.from(data.content, "base64").toString();
}

/** Remembers on a live page that it has not been loaded again since. */
export async function mark(page: Page): Promise<void> {
  await page.waitForSelector("html[data-live=on]");
  await page.evaluate("document.documentElement.dataset.mark = 'here'");
}

/** Whether the page is still the one that was marked. */
export async function isMarked(page: Page): Promise<boolean> {
  return (await page.locator("html").getAttribute("data-mark")) === "here";
}
