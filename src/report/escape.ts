/**
 * Text that a pull request wrote, made safe for GitHub's Markdown: it cannot format anything, link, mention a person,
 * refer to an issue, begin HTML, hide or reorder characters, or pass for one of our markers.
 */

/** Characters that are not seen, or change how others are; line breaks and tabs are neither. */
const invisible = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Breaks up what GitHub would otherwise recognise in the text of a finished page, where escaping no longer shows. */
const breaker = "\u200b";
const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", $: "&#36;", "`": "'" };
/** Mentions, references, addresses; with what Markdown or mathematics begins; and what begins an item at a line's start. */
const meaningful = /@|#|:(?=\/\/)|(?<![a-z0-9])gh(?=-)|www(?=\.)|[&<>$\\`*_[\]|~]|^[-+=]|(?<=^\d{1,9})[.)]/gi;

/** Removes what cannot be seen and what could be taken for a marker of ours. Line breaks stay. */
export function clean(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(invisible, "")
    .toWellFormed()
    .replace(/<!--(?=\s*greenroom)/gi, "<!- -");
}

function oneLine(text: string, longest: number): string {
  const line = clean(text).replace(/\s+/g, " ").trim();
  return line.length > longest ? `${line.slice(0, longest - 1).toWellFormed()}…` : line;
}

/** The text as it is, without any meaning, on one line. */
export function plain(text: string, longest = 2_000): string {
  return oneLine(text, longest).replace(meaningful, (found) => {
    if (found === "#") return `\\#${breaker}`;
    if (/^(@|:|gh|www)$/i.test(found)) return `${found}${breaker}`;
    return entities[found] ?? `\\${found}`;
  });
}

/** The text as a code span, on one line. */
export function code(text: string, longest = 200): string {
  const line = oneLine(text, longest);
  const runs = [...line.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = "`".repeat(Math.max(0, ...runs) + 1);
  const pad = runs.length > 0 || line === "" ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A sentence of ours with text of the pull request in it: code spans stay, everything else is plain. */
export function sentence(markdown: string, longest = 2_000): string {
  return oneLine(markdown, longest)
    .split(/(`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 ? code(part.slice(1, -1), longest) : withSpaces(part)))
    .join("");
}

/** `plain` without losing the spaces at the ends. */
function withSpaces(part: string): string {
  const [before = ""] = /^\s*/.exec(part) ?? [];
  const [after = ""] = /\s*$/.exec(part) ?? [];
  return part.trim() === "" ? part : `${before}${plain(part)}${after}`;
}

/** In a cell of a table a pipe ends the cell, even in a code span, and not every renderer knows how to escape it. */
export function cell(markdown: string): string {
  return markdown.replaceAll("|", "¦");
}

/** A block of lines that are shown as they are. */
export function block(text: string): string {
  const lines = clean(text).replace(/\t/g, "  ");
  const runs = [...lines.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = "`".repeat(Math.max(2, ...runs) + 1);
  return `${fence}text\n${lines}\n${fence}`;
}

/** A sentence of ours for where Markdown is not rendered. */
export function withoutMarkdown(markdown: string, longest = 2_000): string {
  return oneLine(markdown.replaceAll("`", ""), longest);
}
