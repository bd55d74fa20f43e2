import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A base image the lab seeds under its real name, since a bare machine may reach no image registry. */
export type BaseImage = {
  /** Its repository on docker.io is library/<name>; its recipe is images/<name>. */
  readonly name: "debian" | "pause" | "busybox" | "node" | "postgres" | "redis" | "nginx";
  readonly tag: string;
  /** The base image it is built on. */
  readonly from: "debian" | null;
  readonly expectedSeconds: number;
};

export const baseImages: readonly BaseImage[] = [
  { name: "debian", tag: "bookworm-slim", from: null, expectedSeconds: 50 },
  { name: "pause", tag: "3.10", from: null, expectedSeconds: 2 },
  { name: "busybox", tag: "1.37", from: "debian", expectedSeconds: 10 },
  { name: "node", tag: "24-slim", from: "debian", expectedSeconds: 20 },
  { name: "postgres", tag: "15", from: "debian", expectedSeconds: 30 },
  { name: "redis", tag: "7", from: "debian", expectedSeconds: 12 },
  { name: "nginx", tag: "1", from: "debian", expectedSeconds: 12 },
];

/** The image that holds a pod's namespaces, as containerd's sandbox_image wants it. */
export const pauseImage = "docker.io/library/pause:3.10";

/** npm of the node image: what the registry serves is checked against this. */
export const npmPackage = {
  version: "11.21.2",
  integrity: "sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A==",
} as const;

/** Where the images' Dockerfiles are. */
export const recipesDir = join(import.meta.dirname, "images");

/** What an image is made of beside its recipe. */
export type Ingredients = {
  /** Path in the build context → file on this machine. */
  readonly files: Readonly<Record<string, string>>;
  /** Everything of this machine that changes the result: settings, and what identifies those files. */
  readonly identity: readonly string[];
};

/** A hash of everything an image is made of; equal hashes need no new build. */
export async function recipeHash(image: BaseImage, ingredients: Ingredients, parent: string | null): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([image.name, image.tag, parent, ingredients.identity]));
  const recipe = join(recipesDir, image.name);
  for (const file of (await readdir(recipe)).toSorted()) {
    hash.update(`\0${file}\0`).update(await readFile(join(recipe, file)));
  }
  return hash.digest("hex").slice(0, 24);
}
