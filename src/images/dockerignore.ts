import { posix } from "node:path";

type Pattern = { exception: boolean; matches: (path: string) => boolean };

/**
 * Which paths of a context a .dockerignore takes out, by BuildKit's rules (moby/patternmatcher): patterns are anchored
 * at the context, later ones win, `!` makes exceptions, `**` is any number of folders, and a pattern that matches a
 * folder matches all below it. A pattern that BuildKit refuses takes nothing out here; the build then reports it.
 */
export function dockerignore(text: string): (path: string) => boolean {
  const patterns = parse(text);
  const known = new Map<string, Verdict>();
  const judge = (path: string): Verdict => {
    const cached = known.get(path);
    if (cached !== undefined) return cached;
    const folder = posix.dirname(path);
    const verdict = judgeBelow(path, patterns, folder === "." ? undefined : judge(folder));
    known.set(path, verdict);
    return verdict;
  };
  return (path) => judge(path).ignored;
}

/** Whether a path is ignored, and which patterns matched it: those match all below it too. */
type Verdict = { ignored: boolean; matched: boolean[] };

function judgeBelow(path: string, patterns: readonly Pattern[], parent: Verdict | undefined): Verdict {
  let ignored = false;
  const matched = patterns.map((pattern, index) => {
    const inherited = parent?.matched[index] === true;
    // Only a pattern that would change the verdict is looked at; what it would have matched is not handed down either.
    if (!inherited && (pattern.exception !== ignored || !pattern.matches(path))) return false;
    ignored = !pattern.exception;
    return true;
  });
  return { ignored, matched };
}

function parse(text: string): Pattern[] {
  return text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim())
    .flatMap((line) => {
      const exception = line.startsWith("!");
      const written = exception ? line.slice(1).trim() : line;
      if (written === "") return [];
      const cleaned = clean(written);
      const matches = matcher(cleaned.length > 1 && cleaned.startsWith("/") ? cleaned.slice(1) : cleaned);
      return matches === undefined ? [] : [{ exception, matches }];
    });
}

/** As Go's `filepath.Clean`: no `.`, `..` and empty components as far as that goes, and no slash at the end. */
function clean(pattern: string): string {
  const normal = posix.normalize(pattern);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

function matcher(pattern: string): Pattern["matches"] | undefined {
  const source = expression(pattern);
  if (source === undefined) return undefined;
  // `**/x` also matches names that only end in x, as the original's suffix match does.
  if (/^\*\*[^*?[\]\\]*$/.test(pattern)) {
    const suffix = pattern.slice(2);
    return (path) => path.endsWith(suffix) || (suffix.startsWith("/") && path === suffix.slice(1));
  }
  try {
    const regExp = new RegExp(`^${source}$`, "u");
    return (path) => regExp.test(path);
  } catch {
    return undefined;
  }
}

/** The pattern as a regular expression; undefined where it ends inside brackets or in a backslash. */
function expression(pattern: string): string | undefined {
  const chars = Array.from(pattern);
  let source = "";
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? "";
    if (char === "*" && chars[i + 1] === "*") {
      i += chars[i + 2] === "/" ? 2 : 1;
      source += i === chars.length - 1 ? ".*" : "(.*/)?";
    } else if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[") {
      const end = classEnd(chars, i);
      if (end === undefined) return undefined;
      source += characterClass(chars.slice(i + 1, end));
      i = end;
    } else if (char === "\\") {
      i += 1;
      const next = chars[i];
      if (next === undefined) return undefined;
      source += escapeChar(next);
    } else source += escapeChar(char);
  }
  return source;
}

function classEnd(chars: readonly string[], start: number): number | undefined {
  for (let i = start + 1; i < chars.length; i++) {
    if (chars[i] === "\\") i += 1;
    else if (chars[i] === "]") return i;
  }
  return undefined;
}

function characterClass(chars: readonly string[]): string {
  const negated = chars[0] === "^";
  let inner = "";
  for (let i = negated ? 1 : 0; i < chars.length; i++) {
    const char = chars[i] ?? "";
    if (char === "\\") {
      i += 1;
      const escaped = chars[i] ?? "";
      inner += escaped === "-" ? "\\-" : escapeChar(escaped);
    } else inner += escapeChar(char);
  }
  return `[${negated ? "^" : ""}${inner}]`;
}

function escapeChar(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}
