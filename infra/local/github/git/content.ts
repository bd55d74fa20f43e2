import { git } from "./run.ts";

export interface TreeEntry {
  readonly mode: string;
  readonly type: "blob" | "tree" | "commit";
  readonly sha: string;
  readonly size: number | undefined;
  readonly path: string;
}

/** The entries of a tree; with `recursive`, of everything below it too. */
export async function treeEntries(path: string, tree: string, recursive = false): Promise<TreeEntry[]> {
  const { text } = await git(path, ["ls-tree", "-z", "--long", ...(recursive ? ["-r", "-t"] : []), tree]);
  return text
    .split("\0")
    .filter((line) => line !== "")
    .map(toEntry);
}

function toEntry(line: string): TreeEntry {
  const tab = line.indexOf("\t");
  const [mode = "", type = "", sha = "", size = ""] = line.slice(0, tab).split(/ +/);
  if (type !== "blob" && type !== "tree" && type !== "commit") throw new Error(`git ls-tree printed: ${line}`);
  return { mode, type, sha, size: size === "-" ? undefined : Number(size), path: line.slice(tab + 1) };
}

/** The entry at a path of a commit, or undefined. */
export async function entryAt(path: string, commit: string, file: string): Promise<TreeEntry | undefined> {
  const { text } = await git(path, ["ls-tree", "-z", "--long", commit, "--", file], {
    environment: { GIT_LITERAL_PATHSPECS: "1" },
  });
  const line = text.split("\0")[0];
  return line === undefined || line === "" ? undefined : toEntry(line);
}

/** What kind of object this id is, or undefined where there is none. */
export async function objectType(path: string, sha: string): Promise<string | undefined> {
  const { code, text } = await git(path, ["cat-file", "-t", sha], { accept: [0, 1, 128] });
  return code === 0 ? text.trim() : undefined;
}

export async function blob(path: string, sha: string): Promise<Buffer> {
  return (await git(path, ["cat-file", "blob", sha])).bytes;
}
