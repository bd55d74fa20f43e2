import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

/** HTML that may go into a page: text put into `html` is escaped unless it is already this. */
export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>;

/** The same where it has been waited for. */
export type Escaped = HtmlEscapedString;

export { html };

/** HTML of our own or from the sanitiser, to be put into a page as it is. Never a text that somebody else wrote. */
export function trusted(text: string): Markup {
  return raw(text);
}

/** A moment; the browser shows it in its own time zone. */
export function moment(at: string): Markup {
  return html`<time datetime="${at}" title="${at}">${at.slice(11, 19)} UTC</time>`;
}

/** A commit's short name in the form everybody knows. */
export function shortSha(sha: string): string {
  return sha.slice(0, 7);
}

/** "1 commit", "2 commits" */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A text for one line of a page: control characters gone, and no longer than it should be. */
export function bounded(text: string, most: number): string {
  const line = text.replaceAll(/\p{Cc}+/gu, " ").trim();
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}

/** An address for a link if it is one that a browser only opens, and nothing where it could run. */
export function safeUrl(text: string | null | undefined): string | undefined {
  if (text === null || text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
}

/** A path of this site from its segments, each encoded. */
export function path(...segments: readonly (string | number)[]): string {
  return `/${segments.map((segment) => encodeURIComponent(segment)).join("/")}`;
}
