import type { ChangedFile } from "../git/history.ts";
import { html, type Markup, plural } from "./markup.ts";

const mostFiles = 100;
const mostLines = 600;
const longestLine = 2000;

/** Changed files with their hunks. */
export function diff(files: readonly ChangedFile[]): Markup {
  const more = files.length - mostFiles;
  return html`<p class="muted">${plural(files.length, "changed file")}</p>
${files.slice(0, mostFiles).map(file)}
${more > 0 ? html`<p class="muted">and ${more} more</p>` : ""}`;
}

function file({ path, previousPath, status, additions, deletions, patch }: ChangedFile): Markup {
  const lines = (patch ?? "").split("\n");
  return html`<section class="box file" data-testid="file" data-path="${path}"><h2><code>${previousPath === undefined ? "" : `${previousPath} → `}${path}</code> <span class="muted">${status}</span> <span class="plus">+${additions}</span> <span class="minus">−${deletions}</span></h2>
${patch === undefined ? html`<p class="row muted">Nothing to show.</p>` : html`<pre class="diff">${lines.slice(0, mostLines).map(line)}${lines.length > mostLines ? html`<span>…</span>` : ""}</pre>`}</section>`;
}

const kinds: Readonly<Record<string, string>> = { "+": "plus", "-": "minus", "@": "hunk" };

function line(text: string): Markup {
  return html`<span class="${kinds[text.charAt(0)] ?? ""}">${text.slice(0, longestLine)}
</span>`;
}
