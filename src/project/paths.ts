import { posix } from "node:path";

/**
 * A path from `folder` as a plain path from the repository's root, `.` for the root itself; undefined where it is
 * absolute, leads out of the repository or into `.git`, or is not written with `/`.
 */
export function resolveInside(path: string, folder = "."): string | undefined {
  if (posix.isAbsolute(path) || path.includes("\\") || path.includes("\0") || /^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    return undefined;
  }
  const resolved = posix.join(folder, path).replace(/\/$/, "");
  const parts = resolved.split("/");
  return parts[0] === ".." || parts.some((part) => part.toLowerCase() === ".git") ? undefined : resolved;
}

/** Whether a path is the folder or below it; both as `resolveInside` writes them. */
export function isBelow(path: string, folder: string): boolean {
  return folder === "." || path === folder || path.startsWith(`${folder}/`);
}
