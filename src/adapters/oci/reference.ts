import { createHash } from "node:crypto";

/** `tag` is a digest where the reference is by digest. */
export type Reference = { host: string; repository: string; tag: string };

/** Longest name of a repository, registry included, by the distribution specification. */
const longestRepository = 255;

/** Splits `registry[:port]/repository:tag` and `registry[:port]/repository@digest`. */
export function parseReference(reference: string): Reference {
  const match =
    reference.match(/^([^/]+)\/([^@]+):([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$/) ??
    reference.match(/^([^/]+)\/([^@:]+)@(sha256:[0-9a-f]{64})$/);
  const [, host, repository, tag] = match ?? [];
  if (host === undefined || repository === undefined || tag === undefined) {
    throw new Error(`not a reference with registry and tag or digest: ${reference}`);
  }
  return { host, repository, tag };
}

/** Name of the repository for one image, below the operator's registry and prefix. */
export function repositoryName(registry: string, repositoryId: number, imageName: string): string {
  const plain = imageName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  // Names that only differ in what is replaced (`a/b` and `a-b`) share a repository: tags stand for content, so may they.
  const name = `${registry.replace(/\/$/, "")}/${repositoryId}/${plain === "" ? "image" : plain}`;
  if (name.length <= longestRepository) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 12);
  return `${name.slice(0, longestRepository - 13).replace(/[^a-z0-9]+$/, "")}-${hash}`;
}
