import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { git } from "./run.ts";

export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly at: Date;
}

/** Files by path with their new content; null removes the file. */
export type FileChanges = Readonly<Record<string, string | Uint8Array | null>>;

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Signature;
}

function identity({ name, email, at }: Signature): Record<string, string> {
  const date = `@${Math.floor(at.getTime() / 1000)} +0000`;
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
}

/** Writes a commit object and returns its id; no ref moves. */
export async function writeCommit(path: string, { tree, parents, message, author }: NewCommit): Promise<string> {
  const { text } = await git(path, ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent])], {
    input: message,
    environment: identity(author),
  });
  return text.trim();
}

/** Writes the tree that `parent` has after these changes. */
export async function writeTree(path: string, parent: string | undefined, changes: FileChanges): Promise<string> {
  const index = join(path, `index-${randomUUID()}`);
  const environment = { GIT_INDEX_FILE: index };
  try {
    await git(path, parent === undefined ? ["read-tree", "--empty"] : ["read-tree", parent], { environment });
    for (const [file, content] of Object.entries(changes)) {
      if (content === null) {
        await git(path, ["update-index", "--force-remove", "--", file], { environment });
        continue;
      }
      const { text } = await git(path, ["hash-object", "-w", "--stdin"], { input: content });
      const known = await git(path, ["ls-files", "--stage", "--", file], { environment });
      const mode = known.text === "" ? "100644" : known.text.slice(0, 6);
      const entry = `${mode},${text.trim()},${file}`;
      await git(path, ["update-index", "--add", "--replace", "--cacheinfo", entry], { environment });
    }
    return (await git(path, ["write-tree"], { environment })).text.trim();
  } finally {
    await rm(index, { force: true });
  }
}

/** The tree that merging two commits gives, or undefined where they conflict. */
export async function mergedTree(path: string, ours: string, theirs: string): Promise<string | undefined> {
  const { code, text } = await git(path, ["merge-tree", "--write-tree", "--allow-unrelated-histories", ours, theirs], {
    accept: [0, 1],
  });
  return code === 0 ? text.split("\n")[0] : undefined;
}
