import { access as accessible, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { GitAccess } from "../../ports/pull-requests.ts";
import { fetchFailure, localFailure } from "./failures.ts";
import type { Git } from "./git-program.ts";

/** A mirror with more packs than this is thrown away and fetched anew, which is cheaper than keeping it tidy. */
const mostPacks = 400;

/** Git names as many commits in its first request, so that there is no need for a second one. */
const mostLatest = 16;
const latestCommits = "refs/latest";

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

/**
 * Fetches one commit with all its files, in one request: the server leaves out what the latest commits before it have.
 * Each of these is kept by a reference of its own; the new one takes the place of the oldest.
 */
export async function fetchCommit(
  git: Git,
  mirror: string,
  access: GitAccess,
  commit: string,
  signal: AbortSignal,
): Promise<void> {
  const fetched = await git(
    [
      "fetch",
      "--quiet",
      "--depth=1",
      "--no-tags",
      "--no-write-fetch-head",
      "--no-recurse-submodules",
      "--no-auto-maintenance",
      "origin",
      `+${commit}:${latestCommits}/${await oldestPlace(mirror)}`,
    ],
    { gitDirectory: mirror, access },
    signal,
  );
  if (fetched.code !== 0) throw fetchFailure(fetched, commit);
}

/** The number of the reference that was written longest ago, or of one that never was. */
async function oldestPlace(mirror: string): Promise<number> {
  const written = await Promise.all(
    Array.from({ length: mostLatest }, async (_, place) => {
      const found = await stat(join(mirror, latestCommits, String(place))).catch(() => undefined);
      return found?.mtimeMs ?? 0;
    }),
  );
  return written.indexOf(Math.min(...written));
}
