import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import type { Checkout, Checkouts, TreeEntry } from "../../src/ports/checkouts.ts";
import { FailureError } from "../../src/preview/failure.ts";
import { escapingSymlinks } from "../../src/project/symlinks.ts";
import type { TestFile, TestFiles } from "../contract/git-server.ts";

export type FakeCheckouts = Checkouts & {
  /** Remembers a commit and returns its id, which stands for its files alone. */
  commit(repositoryId: number, files: TestFiles): string;
  /** Directories that were handed out and not disposed of. */
  open: ReadonlySet<string>;
  close(): void;
};

function blobId(text: string): string {
  const bytes = Buffer.from(text);
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

function entryOf(path: string, file: TestFile): TreeEntry {
  if (typeof file === "string") return { path, mode: "100644", objectId: blobId(file) };
  if ("submodule" in file) return { path, mode: "160000", objectId: file.submodule };
  if ("link" in file) return { path, mode: "120000", objectId: blobId(file.link) };
  return { path, mode: "100755", objectId: blobId(file.text) };
}

function write(directory: string, path: string, file: TestFile): void {
  const absolute = join(directory, path);
  mkdirSync(dirname(absolute), { recursive: true });
  if (typeof file === "string") writeFileSync(absolute, file);
  else if ("submodule" in file) mkdirSync(absolute);
  else if ("link" in file) symlinkSync(file.link, absolute);
  else {
    writeFileSync(absolute, file.text);
    chmodSync(absolute, 0o755);
  }
}

function notFound(commit: string): FailureError {
  return new FailureError({
    kind: "transient",
    code: "commit-not-found",
    what: `Commit ${commit.slice(0, 7)} is not in the repository (any more).`,
    remedy: "Push again.",
  });
}

function refuseEscapingLinks(files: TestFiles): void {
  const links = Object.entries(files).flatMap(([path, file]) =>
    typeof file === "object" && "link" in file ? [{ path, target: file.link }] : [],
  );
  const [escaping] = escapingSymlinks(links);
  if (escaping === undefined) return;
  throw new FailureError({
    kind: "user",
    code: "symlink-escapes",
    what: `The symlink \`${escaping.path}\` leads out of the repository.`,
    where: { file: escaping.path },
    remedy: "Replace it by a copy.",
  });
}

/** Checkouts from commits in memory, each laid out in a temporary folder of its own. */
export function createFakeCheckouts(): FakeCheckouts {
  const commits = new Map<string, TestFiles>();
  const open = new Set<string>();

  return {
    open,
    commit(repositoryId, files) {
      const id = createHash("sha1").update(JSON.stringify(files)).digest("hex");
      commits.set(`${repositoryId}/${id}`, files);
      return id;
    },
    async fetch(repositoryId, _access, commit, signal): Promise<Checkout> {
      signal.throwIfAborted();
      const files = commits.get(`${repositoryId}/${commit}`);
      if (files === undefined) throw notFound(commit);
      refuseEscapingLinks(files);
      const directory = realpathSync(mkdtempSync(join(tmpdir(), "greenroom-fake-checkout-")));
      open.add(directory);
      const entries = Object.entries(files)
        .map(([path, file]) => entryOf(path, file))
        .toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
      for (const [path, file] of Object.entries(files)) write(directory, path, file);
      return {
        commit,
        directory,
        entries,
        async readText(path) {
          const file = await realpath(join(directory, path)).catch(() => undefined);
          if (file === undefined || !file.startsWith(directory + sep)) return undefined;
          return await readFile(file, "utf8").catch(() => undefined);
        },
        async dispose() {
          open.delete(directory);
          await rm(directory, { recursive: true, force: true });
        },
      };
    },
    close() {
      for (const directory of open) rmSync(directory, { recursive: true, force: true });
    },
  };
}
