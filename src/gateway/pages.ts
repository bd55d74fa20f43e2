import type { Notice } from "./page-text.ts";

export type Page = { status: number; headers: Record<string, string>; body: string };

/** A notice as a page, or as JSON for whoever asks for that. */
export function page(notice: Notice, accept: string | undefined): Page {
  const json = prefersJson(accept);
  const body = json ? `${JSON.stringify(asJson(notice))}\n` : html(notice);
  return {
    status: notice.status,
    headers: {
      "content-type": json ? "application/json; charset=utf-8" : "text/html; charset=utf-8",
      "content-length": String(Buffer.byteLength(body)),
      "cache-control": "no-store",
      vary: "accept",
      "x-content-type-options": "nosniff",
      "x-robots-tag": "noindex",
      "referrer-policy": "no-referrer",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
      ...(notice.retrySeconds === undefined ? {} : { "retry-after": String(notice.retrySeconds) }),
    },
    body,
  };
}

function prefersJson(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const json = accept.indexOf("application/json");
  const hypertext = accept.indexOf("text/html");
  return json !== -1 && (hypertext === -1 || json < hypertext);
}

function asJson({ code, title, text, remedy, retrySeconds, preview }: Notice) {
  return { error: { code, title, text, remedy, retryAfterSeconds: retrySeconds }, preview };
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text of whatever origin as text in HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** The same, with `code` between backticks, which is all the Markdown that failures are written in. */
function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`\n]+)`/g, "<code>$1</code>");
}

const style = `
:root{color-scheme:light dark;--ground:#f6f7f5;--card:#fff;--ink:#1b211d;--soft:#5c665f;--line:#dfe4df;--busy:#2f6f4f;--calm:#5b6b8c;--bad:#a8402f}
@media(prefers-color-scheme:dark){:root{--ground:#131715;--card:#1b211e;--ink:#e8ece9;--soft:#9aa69f;--line:#2c3530;--busy:#74c69d;--calm:#9db2dd;--bad:#f0907c}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--ink);font:1rem/1.55 system-ui,sans-serif}
main{width:100%;max-width:34rem;background:var(--card);border:1px solid var(--line);border-top:4px solid var(--tone);border-radius:.5rem;padding:2rem}
h1{margin:0 0 .75rem;font-size:1.35rem;line-height:1.3;display:flex;gap:.7rem;align-items:center}
p{margin:.6rem 0;overflow-wrap:anywhere}
.remedy{color:var(--soft)}
code{font:.92em ui-monospace,monospace;background:var(--ground);border-radius:.25rem;padding:.1em .3em}
footer{margin-top:1.5rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem;display:flex;gap:.75rem;flex-wrap:wrap}
a{color:inherit}
.busy{--tone:var(--busy)}.calm{--tone:var(--calm)}.bad{--tone:var(--bad)}
i{flex:none;width:.7rem;height:.7rem;border-radius:50%;background:var(--tone)}
.busy i{animation:beat 1.4s ease-in-out infinite}
@keyframes beat{50%{opacity:.25}}
@media(prefers-reduced-motion:reduce){.busy i{animation:none}}
`.replaceAll("\n", "");

function html({ status, title, text, remedy, retrySeconds, tone, preview }: Notice): string {
  const refresh = retrySeconds === undefined ? "" : `<meta http-equiv="refresh" content="${retrySeconds}">`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${refresh}
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main class="${tone}"${tone === "busy" ? ' aria-busy="true"' : ""}>
<h1><i aria-hidden="true"></i>${escapeHtml(title)}</h1>
<p>${prose(text)}</p>
${remedy === undefined ? "" : `<p class="remedy">${prose(remedy)}</p>\n`}<footer>${about(preview)}<span>Greenroom · ${status}</span></footer>
</main></body></html>
`;
}

function about(preview: Notice["preview"]): string {
  if (preview === undefined) return "";
  const name = escapeHtml(preview.pullRequest);
  const link = preview.url === undefined ? name : `<a href="${escapeHtml(preview.url)}">${name}</a>`;
  const commit = preview.commit === undefined ? "" : `<code>${escapeHtml(preview.commit)}</code>`;
  return `<span>${link}</span>${commit}`;
}
