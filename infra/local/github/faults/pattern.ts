/** A path pattern as a check: `*` stands for one segment of a path, `**` for any number of them. */
export function pathPattern(pattern: string): (path: string) => boolean {
  const expression = pattern
    .split(/(\*\*|\*)/)
    .map((part) => (part === "**" ? ".*" : part === "*" ? "[^/]+" : part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
  const whole = new RegExp(`^${expression}$`, "i");
  return (path) => whole.test(path);
}
