import { git } from "./run.ts";

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly date: string;
}

export interface Commit {
  readonly sha: string;
  readonly treeSha: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
}

export interface ChangedFile {
  readonly status: "added" | "removed" | "modified" | "renamed" | "copied" | "changed";
  readonly path: string;
  readonly previousPath: string | undefined;
  /** The blob's id after the change, or before it where the file was removed. */
  readonly sha: string;
  readonly additions: number;
  readonly deletions: number;
  /** Undefined for binary files. */
  readonly patch: string | undefined;
}

const commitFormat = "%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%aI%x1f%cn%x1f%ce%x1f%cI%x1f%B";

/** Commits reachable from `revisions` (git log's own arguments), newest first. */
export async function commits(path: string, revisions: readonly string[], most = 10_000): Promise<Commit[]> {
  const { text } = await git(path, [
    "log",
    "-z",
    `--max-count=${most}`,
    `--format=${commitFormat}`,
    ...revisions,
    "--",
  ]);
  return text
    .split("\0")
    .filter((entry) => entry !== "")
    .map(toCommit);
}

function toCommit(entry: string): Commit {
  const [sha = "", treeSha = "", parents = "", an = "", ae = "", ad = "", cn = "", ce = "", cd = "", ...message] =
    entry.split("\x1f");
  return {
    sha,
    treeSha,
    parents: parents.split(" ").filter((parent) => parent !== ""),
    author: { name: an, email: ae, date: toUtc(ad) },
    committer: { name: cn, email: ce, date: toUtc(cd) },
    message: message.join("\x1f").replace(/\n+$/, ""),
  };
}

function toUtc(date: string): string {
  return new Date(date).toISOString().replace(/\.\d+Z$/, "Z");
}

/** The best common ancestor, or undefined where the histories are unrelated. */
export async function mergeBase(path: string, one: string, other: string): Promise<string | undefined> {
  const { code, text } = await git(path, ["merge-base", one, other], { accept: [0, 1] });
  return code === 0 ? text.trim() : undefined;
}

/** Whether `ancestor` is in the history of `descendant`. */
export async function isAncestor(path: string, ancestor: string, descendant: string): Promise<boolean> {
  return (await git(path, ["merge-base", "--is-ancestor", ancestor, descendant], { accept: [0, 1] })).code === 0;
}

export async function countCommits(path: string, range: string): Promise<number> {
  return Number((await git(path, ["rev-list", "--count", range, "--"])).text.trim());
}

const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** The files that differ between two commits; without a first one, everything in the second is added. */
export async function changedFiles(path: string, from: string | undefined, to: string): Promise<ChangedFile[]> {
  const range = [from ?? emptyTree, to];
  const [raw, numbers, patches] = await Promise.all([
    git(path, ["diff-tree", "-r", "-z", "-M", "--raw", "--no-abbrev", ...range]),
    git(path, ["diff-tree", "-r", "-z", "-M", "--numstat", ...range]),
    git(path, ["diff-tree", "-r", "-M", "--patch", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", ...range]),
  ]);
  const counts = readNumstat(numbers.text);
  // Git writes one section per file and in the same order in all three forms.
  const sections = patches.text.split(/^diff --git .*\n/m).slice(1);
  return readRaw(raw.text).map((file, index) => {
    const count = counts[index];
    const hunks = sections[index]?.match(/^@@[\s\S]*/m)?.[0].replace(/\n$/, "");
    return {
      ...file,
      additions: count?.additions ?? 0,
      deletions: count?.deletions ?? 0,
      patch: hunks,
    };
  });
}

const statuses: Readonly<Record<string, ChangedFile["status"]>> = {
  A: "added",
  D: "removed",
  M: "modified",
  R: "renamed",
  C: "copied",
  T: "changed",
};

function readRaw(text: string): Pick<ChangedFile, "status" | "path" | "previousPath" | "sha">[] {
  const fields = text.split("\0");
  const files: Pick<ChangedFile, "status" | "path" | "previousPath" | "sha">[] = [];
  for (let at = 0; at < fields.length - 1; ) {
    const [, , before = "", after = "", letters = ""] = (fields[at] ?? "").split(" ");
    const status = statuses[letters.charAt(0)];
    if (status === undefined) throw new Error(`git diff-tree printed an unknown status: ${fields[at]}`);
    const moved = status === "renamed" || status === "copied";
    const path = fields[at + (moved ? 2 : 1)] ?? "";
    files.push({
      status,
      path,
      previousPath: moved ? fields[at + 1] : undefined,
      sha: status === "removed" ? before : after,
    });
    at += moved ? 3 : 2;
  }
  return files;
}

function readNumstat(text: string): { additions: number; deletions: number }[] {
  const fields = text.split("\0");
  const counts: { additions: number; deletions: number }[] = [];
  for (let at = 0; at < fields.length - 1; at += 1) {
    const [additions = "", deletions = "", name] = (fields[at] ?? "").split("\t");
    // A rename has an empty name here and its two names in the next two fields.
    if (name === "") at += 2;
    counts.push({ additions: Number(additions) || 0, deletions: Number(deletions) || 0 });
  }
  return counts;
}

/** How much differs between two commits. */
export async function sizeOf(
  path: string,
  from: string | undefined,
  to: string,
): Promise<{ additions: number; deletions: number; changedFiles: number }> {
  const { text } = await git(path, ["diff-tree", "-r", "-M", "--shortstat", from ?? emptyTree, to]);
  const count = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);
  return {
    changedFiles: count(/(\d+) files? changed/),
    additions: count(/(\d+) insertion/),
    deletions: count(/(\d+) deletion/),
  };
}
