/** Invisible characters that reorder or hide text, and control characters. */
// oxlint-disable-next-line no-control-regex -- control characters are what is removed
const invisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Keeps GitHub from seeing a mention, a reference or a link where only text is meant. */
const nothing = "&#8203;";

/** Text as it is, on one line: no markup, no mention, no reference, no link. */
export function plain(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/g, " ")
    .replace(invisible, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[\\`*_{}[\]()|~!^$]/g, "\\$&")
    .replace(/^(\s*)([-+=]|\d+[.)])/, "$1\\$2")
    .replaceAll("@", `@${nothing}`)
    .replace(/#(?=[\w{])/g, `#${nothing}`)
    .replace(/\bGH-(?=\d)/gi, `GH${nothing}-`)
    .replace(/^#/, "\\#")
    .replace(/:(?=\/\/|[\w+-]+:)/g, `:${nothing}`)
    .replace(/\bwww\.(?=\S)/gi, `www${nothing}.`);
}

/** Text as a code span on one line, whatever backticks are in it. */
export function code(text: string): string {
  const line = text.replace(/\s*[\r\n]+\s*/g, " ").replace(invisible, "");
  if (line.trim() === "") return "";
  const fence = "`".repeat(longestRun(line) + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  // In a table a bar ends the cell even inside a code span.
  return `${fence}${pad}${line.replaceAll("|", "\\|")}${pad}${fence}`;
}

/** A sentence of ours in which names stand between single backticks: these stay code, the rest becomes plain text. */
export function sentence(text: string): string {
  const parts = text.replace(/\s*[\r\n]+\s*/g, " ").split("`");
  // An odd number of backticks leaves the last one without its other half.
  const closed = parts.length % 2 === 1;
  return parts
    .map((part, index) => {
      if (index % 2 === 0) return plain(part);
      return closed || index < parts.length - 1 ? code(part) : plain(`\`${part}`);
    })
    .join("");
}

/** Lines of a log as a block, whatever fences are in it. */
export function block(text: string): string {
  const clean = text.replace(/\r\n?/g, "\n").replace(invisible, "");
  const fence = "`".repeat(Math.max(3, longestRun(clean) + 1));
  return `${fence}text\n${clean}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
