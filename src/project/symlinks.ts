export type SymbolicLink = { path: string; target: string };

/** As many links as Linux follows before it gives up. */
const mostHops = 40;

/**
 * The links that do not resolve inside the tree they are in: absolute ones, ones that climb out (also by way of other
 * links), loops, and ones into a `.git` folder. `links` are all links of the tree, with paths relative to its root.
 */
export function escapingSymlinks(links: readonly SymbolicLink[]): SymbolicLink[] {
  const targets = new Map(links.map((link) => [link.path, link.target]));
  return links.filter((link) => !staysInside(link, targets));
}

/** Walks the target as the kernel does: links are expanded where they are met, and `..` leaves the real folder. */
function staysInside(link: SymbolicLink, targets: ReadonlyMap<string, string>): boolean {
  const at = link.path.split("/").slice(0, -1);
  // The next component is the last element.
  const ahead: string[] = [];
  let hops = 0;

  const follow = (target: string): boolean => {
    hops += 1;
    if (hops > mostHops || target.startsWith("/") || target.includes("\0")) return false;
    ahead.push(...target.split("/").toReversed());
    return true;
  };

  if (!follow(link.target)) return false;
  for (let component = ahead.pop(); component !== undefined; component = ahead.pop()) {
    if (component === "" || component === ".") continue;
    if (component === "..") {
      if (at.pop() === undefined) return false;
      continue;
    }
    if (component.toLowerCase() === ".git") return false;
    at.push(component);
    const target = targets.get(at.join("/"));
    if (target === undefined) continue;
    at.pop();
    if (!follow(target)) return false;
  }
  return true;
}
