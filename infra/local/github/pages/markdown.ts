import { Marked } from "marked";
import sanitize from "sanitize-html";
import { html, type Markup, trusted } from "./markup.ts";

const marked = new Marked({ gfm: true, breaks: true, async: false });

const headings = ["h1", "h2", "h3", "h4", "h5", "h6"];
const blocks = ["p", "br", "hr", "pre", "blockquote", "ul", "ol", "li", "details", "summary", "dl", "dt", "dd"];
const tables = ["table", "thead", "tbody", "tfoot", "tr", "th", "td"];
const inline = ["a", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "s", "span", "strong", "sub", "sup"];

/** What survives of Markdown: no ids, classes, styles, images, frames, forms or scripts. */
const allowed: sanitize.IOptions = {
  allowedTags: [...headings, ...blocks, ...tables, ...inline],
  allowedAttributes: { a: ["href", "rel", "title"], th: ["align"], td: ["align"], ol: ["start"], details: ["open"] },
  allowedSchemes: ["http", "https", "mailto"],
  allowProtocolRelative: false,
  disallowedTagsMode: "discard",
  nestingLimit: 60,
  transformTags: {
    a: (tagName, { href = "", title = "" }) => ({ tagName, attribs: { href, title, rel: "nofollow noopener" } }),
    // A picture would be fetched from wherever its author wants; its description is enough.
    img: (_, { alt = "" }) => ({ tagName: "span", attribs: {}, text: `[picture${alt === "" ? "" : `: ${alt}`}]` }),
    input: (_, { checked }) => ({ tagName: "span", attribs: {}, text: checked === undefined ? "☐ " : "☑ " }),
  },
};

const mostRemembered = 200;

/** Renders Markdown as GitHub shows it, with nothing left in it that could act. */
export type Markdown = (text: string) => Markup;

/** A renderer that remembers: a live page shows the same comments again and again. */
export function createMarkdown(): Markdown {
  const known = new Map<string, Markup>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const result = render(text);
    if (known.size >= mostRemembered) known.clear();
    known.set(text, result);
    return result;
  };
}

function render(text: string): Markup {
  try {
    return trusted(sanitize(marked.parse(text, { async: false }), allowed));
  } catch {
    // Nested too deeply for the parser: shown as it was written.
    return html`<pre>${text}</pre>`;
  }
}
