import { access as accessible, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { GitAccess } from "../../ports/pull-requests.ts";
import { fetchFailure, localFailure } from "./failures.ts";
import type { Git } from "./git-program.ts";

/** A mirror with more packs than this is thrown away and fetched anew, which is cheaper than keeping it tidy. */
const mostPacks = 400;

/**
 * Git's highest-ranking attributes: they switch off every conversion and filter that a repository's own
 * `.gitattributes` may ask for, so that a checkout has the very bytes that the tree's object ids stand for.
 */
const attributes = "* -text !eol -ident -filter !working-tree-encoding\n";

/** Makes the bare mirror if it is not there, or anew if it was left half made or has grown too large. */
export async function prepareMirror(git: Git, mirror: string, signal: AbortSignal): Promise<void> {
  if (await isPrepared(mirror)) {
    await removeLeftovers(mirror);
    return;
  }
  await rm(mirror, { recursive: true, force: true });
  const fresh = `${mirror}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const made = await git(["init", "--quiet", "--bare", "--template=", fresh], {}, signal);
  if (made.code !== 0) throw localFailure(made, "make a mirror of the repository");
  await mkdir(join(fresh, "info"), { recursive: true });
  await writeFile(join(fresh, "info", "attributes"), attributes);
  await rename(fresh, mirror);
}

async function isPrepared(mirror: string): Promise<boolean> {
  try {
    await accessible(join(mirror, "info", "attributes"));
    const packs = await readdir(join(mirror, "objects", "pack"));
    return packs.filter((name) => name.endsWith(".pack")).length <= mostPacks;
  } catch {
    return false;
  }
}

/** What a git that was killed leaves behind. The caller holds the mirror's lock, so nobody else made these. */
export async function removeLeftovers(mirror: string): Promise<void> {
  const stale = async (folder: string, isStale: (name: string) => boolean) => {
    const names = await readdir(join(mirror, folder)).catch(() => []);
    await Promise.all(names.filter(isStale).map((name) => rm(join(mirror, folder, name), { force: true })));
  };
  await stale("", (name) => name.endsWith(".lock"));
  await stale("objects/pack", (name) => name.startsWith("tmp_") || name.endsWith(".lock") || name.endsWith(".keep"));
  await stale("objects/info", (name) => name.endsWith(".lock"));
}

/** Fetches a commit and its trees, without its files' contents, unless they are there. */
export async function fetchCommit(
  git: Git,
  mirror: string,
  access: GitAccess,
  commit: string,
  signal: AbortSignal,
): Promise<void> {
  if (await hasCommit(git, mirror, commit, signal)) return;
  const fetched = await git(
    [
      "fetch",
      "--quiet",
      "--depth=1",
      "--filter=blob:none",
      "--no-tags",
      "--no-write-fetch-head",
      "--no-recurse-submodules",
      "--no-auto-maintenance",
      "origin",
      commit,
    ],
    { gitDirectory: mirror, access },
    signal,
  );
  if (fetched.code !== 0) throw fetchFailure(fetched, commit);
}

async function hasCommit(git: Git, mirror: string, commit: string, signal: AbortSignal): Promise<boolean> {
  const listed = await git(
    ["rev-list", "--objects", "--no-walk", "--quiet", "--filter=blob:none", commit],
    { gitDirectory: mirror },
    signal,
  );
  return listed.code === 0;
}

/** Sizes of objects; those that the mirror lacks are not in the answer. */
export async function objectSizes(
  git: Git,
  mirror: string,
  objectIds: Iterable<string>,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const checked = await git(
    ["cat-file", "--batch-check=%(objectname) %(objectsize)", "--buffer"],
    { gitDirectory: mirror, input: lines(objectIds) },
    signal,
  );
  if (checked.code !== 0) throw localFailure(checked, "read its mirror of the repository");
  const sizes = new Map<string, number>();
  for (const line of checked.stdout.split("\n")) {
    const [objectId, size] = line.split(" ");
    if (objectId !== undefined && size !== undefined && /^\d+$/.test(size)) sizes.set(objectId, Number(size));
  }
  return sizes;
}

/** Fetches exactly these objects, all in one request. */
export async function fetchObjects(
  git: Git,
  mirror: string,
  access: GitAccess,
  commit: string,
  objectIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (objectIds.length === 0) return;
  const fetched = await git(
    [
      "-c",
      "fetch.negotiationAlgorithm=noop",
      "fetch",
      "--quiet",
      "--filter=blob:none",
      "--no-tags",
      "--no-write-fetch-head",
      "--no-recurse-submodules",
      "--no-auto-maintenance",
      "--stdin",
      "origin",
    ],
    { gitDirectory: mirror, access, input: lines(objectIds) },
    signal,
  );
  if (fetched.code !== 0) throw fetchFailure(fetched, commit);
}

export function lines(values: Iterable<string>): string {
  return [...values].map((value) => `${value}\n`).join("");
}
