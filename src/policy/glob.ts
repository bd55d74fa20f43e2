/**
 * Whether a path fits a pattern: `*` is any part of a name, `?` one character of it, `**` any number of folders, and a
 * pattern for a folder (`docs/`) fits all that is in it. Takes at most as many steps as pattern and path are long,
 * multiplied, since paths are whatever a pull request calls its files.
 */
export function matchesGlob(path: string, pattern: string): boolean {
  const whole = pattern.endsWith("/") ? `${pattern}**` : pattern;
  return fits(path.split("/"), whole.split("/"), (part) => part === "**", matchesName);
}

function matchesName(name: string, pattern: string): boolean {
  return fits(
    Array.from(name),
    Array.from(pattern),
    (part) => part === "*",
    (char, part) => part === "?" || char === part,
  );
}

/** Fits items to parts, one to one, except that what `isAny` of the parts stands for any number of items. */
function fits(
  items: readonly string[],
  parts: readonly string[],
  isAny: (part: string) => boolean,
  isOne: (item: string, part: string) => boolean,
): boolean {
  let item = 0;
  let part = 0;
  /** Where the last part for any number stands, and how far it reaches: all that ever has to be taken back. */
  let any: { part: number; until: number } | undefined;
  while (item < items.length) {
    const wanted = parts[part];
    if (wanted !== undefined && isAny(wanted)) {
      any = { part, until: item };
      part += 1;
    } else if (wanted !== undefined && isOne(items[item] ?? "", wanted)) {
      item += 1;
      part += 1;
    } else if (any !== undefined) {
      any.until += 1;
      item = any.until;
      part = any.part + 1;
    } else return false;
  }
  return parts.slice(part).every(isAny);
}
