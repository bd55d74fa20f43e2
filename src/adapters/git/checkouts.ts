import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, realpath, rm, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import type { Checkout, Checkouts, TreeEntry } from "../../ports/checkouts.ts";
import type { GitAccess } from "../../ports/pull-requests.ts";
import { FailureError } from "../../preview/failure.ts";
import { checkoutTooLarge, localFailure, mirrorDamaged, programFailure } from "./failures.ts";
import { createGit, type Git } from "./git-program.ts";
import { isRunning, lockFile, processIdentity } from "./lock-file.ts";
import { fetchCommit, prepareMirror, removeLeftovers } from "./mirror.ts";
import { listTree, refuseEscapingLinks } from "./tree.ts";

export type GitCheckoutsOptions = {
  /** Absolute path of a folder that is this worker's alone; mirrors are kept in it, checkouts made and removed. */
  dataDirectory: string;
  /** Variables for proxies and certificates that git may see besides its own. */
  environment?: Record<string, string>;
  /** Longest time for one git command. */
  deadlineMs?: number;
  mostEntries?: number;
  mostBytes?: number;
  /** Lets tests fetch from a folder. */
  allowFileProtocol?: boolean;
};

const defaults = { deadlineMs: 300_000, mostEntries: 100_000, mostBytes: 2 * 1024 ** 3 };

/** Largest file that is read as text; what Greenroom itself reads is far smaller. */
const largestText = 4 * 1024 * 1024;

/** Checkouts by git, from one bare mirror per repository. Removes what an earlier process left of its checkouts. */
export async function openGitCheckouts(options: GitCheckoutsOptions): Promise<Checkouts> {
  const mirrors = join(options.dataDirectory, "mirrors");
  const checkouts = join(options.dataDirectory, "checkouts");
  await Promise.all([mkdir(mirrors, { recursive: true }), mkdir(checkouts, { recursive: true })]);
  await removeAbandoned(checkouts);
  const identity = await processIdentity();
  const limits = {
    mostEntries: options.mostEntries ?? defaults.mostEntries,
    mostBytes: options.mostBytes ?? defaults.mostBytes,
  };
  const git = createGit({
    environment: options.environment ?? {},
    deadlineMs: options.deadlineMs ?? defaults.deadlineMs,
    // What is too much for a checkout is not downloaded either.
    maxFileBytes: limits.mostBytes,
    allowFileProtocol: options.allowFileProtocol ?? false,
  });

  return {
    async fetch(repositoryId, access, commit, signal) {
      const mirror = join(mirrors, `${repositoryId}.git`);
      const root = join(checkouts, `${identity}-${randomUUID()}`);
      try {
        // Held until the files are written: making a mirror anew must not take objects from under a reader.
        const unlock = await lockFile(`${mirror}.lock`, signal);
        try {
          const entries = await fetchTree(git, mirror, access, commit, limits, signal);
          return await layOut(git, mirror, root, commit, entries, signal);
        } catch (error) {
          await removeLeftovers(mirror);
          throw error;
        } finally {
          await unlock();
        }
      } catch (error) {
        await rm(root, { recursive: true, force: true });
        throw programFailure(error, commit);
      }
    },
  };
}

async function removeAbandoned(checkouts: string): Promise<void> {
  for (const name of await readdir(checkouts)) {
    const [owner = ""] = name.split("-");
    if (!(await isRunning(owner))) await rm(join(checkouts, name), { recursive: true, force: true });
  }
}

/** Brings everything of the commit into the mirror and checks it before any of it is written out. */
async function fetchTree(
  git: Git,
  mirror: string,
  access: GitAccess,
  commit: string,
  limits: { mostEntries: number; mostBytes: number },
  signal: AbortSignal,
): Promise<TreeEntry[]> {
  await prepareMirror(git, mirror, signal);
  const known = await listTree(git, mirror, commit, limits.mostEntries, signal);
  if (known === undefined) await fetchCommit(git, mirror, access, commit, signal);
  const tree = known ?? (await listTree(git, mirror, commit, limits.mostEntries, signal));
  if (tree === undefined) {
    // Git says that it has what it just fetched and cannot read it: the mirror is damaged, and the next one is not.
    await rm(mirror, { recursive: true, force: true });
    throw mirrorDamaged();
  }

  const bytes = tree.entries.reduce((sum, { objectId }) => sum + (tree.sizes.get(objectId) ?? 0), 0);
  if (bytes > limits.mostBytes) throw checkoutTooLarge(`has ${bytes} bytes, which is too much`);
  await refuseEscapingLinks(git, mirror, tree, signal);
  return tree.entries;
}

async function layOut(
  git: Git,
  mirror: string,
  root: string,
  commit: string,
  entries: readonly TreeEntry[],
  signal: AbortSignal,
): Promise<Checkout> {
  const directory = join(root, "files");
  await mkdir(directory, { recursive: true });
  const call = { gitDirectory: mirror, workTree: directory, indexFile: join(root, "index") };
  const written = await git(["read-tree", "--reset", "-u", commit], call, signal);
  if (written.code !== 0) throw localFailure(written, "write the commit's files");
  return {
    commit,
    directory,
    entries,
    readText: (path) => readText(directory, path),
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}

async function readText(directory: string, path: string): Promise<string | undefined> {
  const root = await realpath(directory);
  let file: string;
  try {
    file = await realpath(resolve(root, path));
  } catch {
    return undefined;
  }
  if (!file.startsWith(root + sep)) return undefined;
  const { size, isFile } = await stat(file).then((found) => ({ size: found.size, isFile: found.isFile() }));
  if (!isFile) return undefined;
  if (size > largestText) {
    throw new FailureError({
      kind: "user",
      code: "file-too-large",
      what: `\`${path}\` has ${size} bytes, which is too much for a file that Greenroom reads.`,
      where: { file: path },
      remedy: `Keep it below ${largestText} bytes.`,
    });
  }
  return readFile(file, "utf8");
}
