import type { UserRecord } from "../store/records.ts";
import { icons } from "./icons.ts";
import { bounded, html, type Markup } from "./markup.ts";
import { peopleOptions } from "./parts.ts";

export interface PageOptions {
  readonly title: string;
  readonly viewer: UserRecord;
  readonly viewers: readonly UserRecord[];
  /** Where this page is, to come back to. */
  readonly here: string;
  /** Where its changes come from, if it is a live one. */
  readonly events?: string | undefined;
  readonly content: Markup;
}

/** A whole page. */
export function page({ title, viewer, viewers, here, events, content }: PageOptions): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${bounded(title, 120)} · GitHub stand-in</title>
<link rel="icon" href="/-/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/-/assets/style.css">
<script src="/-/assets/live.js" defer></script>
</head>
<body ${events === undefined ? "" : html`data-events="${events}"`}>
<header class="top">
  <a class="home" href="/">${icons.repository}<span>GitHub <small>stand-in</small></span></a>
  <nav><a href="/-/lab">Lab</a></nav>
  <form class="viewer" method="post" action="/-/viewer">
    <input type="hidden" name="back" value="${here}">
    <label>Acting as <select name="login" data-submit data-testid="viewer">${peopleOptions(viewers, viewer)}</select></label>
    <noscript><button class="button">Change</button></noscript>
  </form>
</header>
<main>${content}</main>
<footer>A small GitHub on this machine, for trying and testing Greenroom. Nothing here leaves it.</footer>
<div id="notice" role="status" aria-live="polite" hidden></div>
</body>
</html>`;
}
