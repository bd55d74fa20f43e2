/** Parts of an image reference, `host/path:tag@digest`. */
export type ImageName = { host: string; path: string };

const dockerHub = "docker.io";

/**
 * Host and path of an image reference, normalised as Docker does it: `web` is `docker.io/library/web`, and
 * `docker.io/library/` is no part of the path. Tag and digest are not part of the name.
 */
export function parseImageName(reference: string): ImageName | undefined {
  const withoutDigest = reference.trim().split("@")[0] ?? "";
  const name = withoutDigest.replace(/:[\w][\w.-]{0,127}$/, "");
  const [first = "", ...rest] = name.split("/");
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const host = !hasHost || first === "index.docker.io" ? dockerHub : first;
  const path = (hasHost ? rest.join("/") : name).replace(host === dockerHub ? /^library\// : /^$/, "");
  return /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(path) ? { host, path } : undefined;
}
