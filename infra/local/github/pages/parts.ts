import { createHash } from "node:crypto";
import type { UserRecord } from "../store/records.ts";
import { type Escaped, html, type Markup, path } from "./markup.ts";

/** A piece of a page that is replaced in the browser when it changes. */
export interface Part {
  readonly id: string;
  readonly content: Markup;
}

/** A piece as the browser is told of it. */
export interface RenderedPart {
  readonly id: string;
  readonly html: string;
  /** Equal for equal content. */
  readonly revision: string;
}

/** The piece as text, with what to compare it by. */
export async function renderPart({ id, content }: Part): Promise<RenderedPart> {
  const text = String(await content);
  return { id, html: text, revision: revisionOf(text) };
}

/** A short name of a content. */
export function revisionOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 12);
}

/** The place of a piece in its page. */
export async function placed(part: Part): Promise<Escaped> {
  const { id, revision } = await renderPart(part);
  return html`<div id="${id}" data-part data-revision="${revision}">${part.content}</div>`;
}

export interface Press {
  readonly action: string;
  readonly label: Markup | string;
  readonly test: string;
  readonly kind?: "primary" | "danger" | "quiet" | undefined;
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly title?: string | undefined;
}

/** A button that does one thing. */
export function press({ action, label, test, kind, fields = {}, title }: Press): Markup {
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form method="post" action="${action}" data-live>${hidden}<button class="button ${kind ?? ""}" data-testid="${test}" title="${title ?? ""}">${label}</button></form>`;
}

/** A person's or bot's picture. */
export function avatar(user: Pick<UserRecord, "id">, size = 20): Markup {
  return html`<img class="avatar" src="/-/avatars/${user.id}.svg" width="${size}" height="${size}" alt="">`;
}

/** Someone's name; a person's leads to what they own. */
export function accountName(user: UserRecord): Markup {
  return user.type === "Bot"
    ? html`<strong class="name">${user.login.replace(/\[bot\]$/, "")}</strong> <span class="badge">bot</span>`
    : html`<a class="name" href="${path(user.login)}">${user.login}</a>`;
}

/** The options of a choice of people. */
export function peopleOptions(people: readonly UserRecord[], chosen: UserRecord): Markup[] {
  return people.map(
    ({ id, login }) => html`<option value="${login}" ${id === chosen.id ? "selected" : ""}>${login}</option>`,
  );
}
