import { lexer, type Token } from "marked";

/** What a renderer of GitHub's Markdown makes of a text. */
export type Rendered = {
  /** Types of all elements. */
  types: Set<string>;
  html: string[];
  links: string[];
  /** All text outside of code, as it is read, each run of it by itself. */
  text: string[];
  code: string[];
  /** Each table's rows below its head, as the text of their cells. */
  tables: string[][][];
};

const entities: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&#36;": "$",
  "&#39;": "'",
  "&quot;": '"',
};

export function rendered(markdown: string): Rendered {
  const result: Rendered = { types: new Set(), html: [], links: [], text: [], code: [], tables: [] };
  visit(lexer(markdown, { gfm: true }), result);
  return result;
}

function visit(tokens: readonly Token[], result: Rendered): void {
  for (const token of tokens) {
    result.types.add(token.type);
    if (token.type === "html") result.html.push(token.raw.trim());
    if (token.type === "link" || token.type === "image") result.links.push(String(token["href"]));
    if (token.type === "codespan" || token.type === "code") result.code.push(String(token["text"]));
    if (token.type === "table") {
      const rows: { text: string }[][] = token["rows"];
      result.tables.push(rows.map((row) => row.map(({ text }) => text)));
    }
    const inner = childrenOf(token);
    if (inner.length > 0) visit(inner, result);
    else if (token.type === "text" || token.type === "escape") {
      result.text.push(String(token["text"]).replace(/&\w+;|&#\d+;/g, (entity) => entities[entity] ?? entity));
    }
  }
}

function childrenOf(token: Token): Token[] {
  if (token.type === "table")
    return [...token["header"], ...token["rows"].flat()].flatMap((cell: { tokens: Token[] }) => cell.tokens);
  if (token.type === "list") return token["items"];
  return "tokens" in token && token.tokens !== undefined ? token.tokens : [];
}
