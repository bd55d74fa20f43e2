import { FailureError } from "../../preview/failure.ts";
import type { TreeEntry } from "../../ports/checkouts.ts";
import { escapingSymlinks, type SymbolicLink } from "../../project/symlinks.ts";
import { checkoutTooLarge, localFailure } from "./failures.ts";
import type { Git } from "./git-program.ts";

/** Linux allows no longer path, so no longer target makes sense. */
const longestTarget = 4_096;

/** The entries of a commit below its root, and the bytes of each object that is a file or a link. */
export type Tree = { entries: TreeEntry[]; sizes: ReadonlyMap<string, number> };

/** All of a commit, or undefined if the mirror lacks it or anything in it. */
export async function listTree(
  git: Git,
  mirror: string,
  commit: string,
  mostEntries: number,
  signal: AbortSignal,
): Promise<Tree | undefined> {
  const listed = await git(
    ["ls-tree", "-r", "-l", "-z", "--full-tree", commit],
    { gitDirectory: mirror, maxOutputBytes: mostEntries * 300, stdoutEncoding: "latin1" },
    signal,
  );
  if (listed.code !== 0) return undefined;
  const records = listed.stdout.split("\0").filter((record) => record !== "");
  if (records.length > mostEntries) throw checkoutTooLarge(`has more than ${mostEntries} files, which is too many`);
  const sizes = new Map<string, number>();
  const entries: TreeEntry[] = [];
  for (const record of records) {
    const tab = record.indexOf("\t");
    const [mode = "", , objectId = "", size = ""] = record.slice(0, tab).split(/ +/);
    const entry = { path: decodePath(record.slice(tab + 1)), mode: normalMode(mode), objectId };
    entries.push(entry);
    if (entry.mode === "160000") continue;
    // Where git would have the size of an object that is not there, it says so in a word.
    if (!/^\d+$/.test(size)) return undefined;
    sizes.set(objectId, Number(size));
  }
  return { entries, sizes };
}

function decodePath(latin1: string): string {
  const bytes = Buffer.from(latin1, "latin1");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const readable = bytes.toString("utf8");
    throw new FailureError({
      kind: "user",
      code: "path-not-utf8",
      what: `The name of \`${readable}\` is not UTF-8.`,
      where: { file: readable },
      remedy: "Rename it.",
    });
  }
}

/** Old git versions wrote other permission bits; git itself only looks at the owner's x bit. */
function normalMode(mode: string): TreeEntry["mode"] {
  if (mode === "120000" || mode === "160000") return mode;
  return (Number.parseInt(mode, 8) & 0o100) === 0 ? "100644" : "100755";
}

/** Refuses a commit with a symbolic link that leaves it; done before any file is written. */
export async function refuseEscapingLinks(
  git: Git,
  mirror: string,
  { entries, sizes }: Tree,
  signal: AbortSignal,
): Promise<void> {
  const links = entries.filter((entry) => entry.mode === "120000");
  if (links.length === 0) return;
  const tooLong = links.find((link) => (sizes.get(link.objectId) ?? 0) > longestTarget);
  if (tooLong !== undefined) throw linkFailure([{ path: tooLong.path, target: "…" }]);
  const targets = await readTargets(git, mirror, links, signal);
  const escaping = escapingSymlinks(
    links.map((link) => ({ path: link.path, target: targets.get(link.objectId) ?? "/" })),
  );
  if (escaping.length > 0) throw linkFailure(escaping);
}

async function readTargets(
  git: Git,
  mirror: string,
  links: readonly TreeEntry[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const read = await git(
    ["cat-file", "--batch", "--buffer"],
    {
      gitDirectory: mirror,
      input: [...new Set(links.map((link) => `${link.objectId}\n`))].join(""),
      stdoutEncoding: "latin1",
    },
    signal,
  );
  if (read.code !== 0) throw localFailure(read, "read the commit's symbolic links");
  const targets = new Map<string, string>();
  let at = 0;
  while (at < read.stdout.length) {
    const endOfHeader = read.stdout.indexOf("\n", at);
    const [objectId = "", type, size] = read.stdout.slice(at, endOfHeader).split(" ");
    if (type !== "blob") throw localFailure(read, "read the commit's symbolic links");
    const start = endOfHeader + 1;
    const end = start + Number(size);
    targets.set(objectId, Buffer.from(read.stdout.slice(start, end), "latin1").toString("utf8"));
    at = end + 1;
  }
  return targets;
}

function linkFailure(escaping: readonly SymbolicLink[]): FailureError {
  const [first] = escaping;
  const others = escaping.length > 1 ? ` ${escaping.length - 1} more like it.` : "";
  return new FailureError({
    kind: "user",
    code: "symlink-escapes",
    what: `The symlink \`${first?.path}\` leads out of the repository, to \`${first?.target}\`.${others}`,
    ...(first === undefined ? {} : { where: { file: first.path } }),
    remedy: "Let it point to a file inside the repository, or replace it by a copy.",
    evidence: escaping
      .slice(0, 20)
      .map((link) => `${link.path} -> ${link.target}`)
      .join("\n"),
  });
}
