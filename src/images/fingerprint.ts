import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { TreeEntry } from "../ports/checkouts.ts";
import { isBelow } from "../project/paths.ts";
import type { ProjectImage } from "../project/project.ts";
import { dockerignore } from "./dockerignore.ts";

/** Grows whenever a change of ours would give other images for the same input. */
const scheme = "greenroom-image-1";

/** What a build can see besides the tree. */
export type BuildInputs = {
  /** The Dockerfile's text; by its text, since it may be a link. */
  dockerfile: string;
  /** Text of the .dockerignore that holds, if there is one. */
  ignore: string | undefined;
  platform: string;
};

/** Where BuildKit looks for what to leave out: a file of the Dockerfile's own wins over the context's. */
export function ignoreFiles(image: Pick<ProjectImage, "context" | "dockerfile">): [string, string] {
  return [`${image.dockerfile}.dockerignore`, posix.join(image.context, ".dockerignore")];
}

/**
 * Tag for an image: a hash of all that its build can see, which is the context's entries by git's ids, the Dockerfile,
 * target, arguments and platform. The image's arguments have to hold no variables any more.
 */
export function fingerprint(image: ProjectImage, entries: readonly TreeEntry[], inputs: BuildInputs): string {
  const isIgnored = dockerignore(inputs.ignore ?? "");
  const seen = entries
    .filter((entry) => isBelow(entry.path, image.context))
    .map((entry) => ({
      ...entry,
      path: image.context === "." ? entry.path : entry.path.slice(image.context.length + 1),
    }))
    .filter((entry) => !isIgnored(entry.path))
    .map(({ path, mode, objectId }): [string, string, string] => [path, mode, objectId])
    .toSorted(([a], [b]) => compare(a, b));
  const args = Object.entries(image.args).toSorted(([a], [b]) => compare(a, b));
  // As JSON every part keeps its bounds, so no two inputs look the same.
  const parts = [scheme, inputs.platform, image.target ?? null, args, inputs.dockerfile, seen];
  return `g-${createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40)}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
