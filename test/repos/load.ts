// The sample repositories as plain files: tests write one into a directory, make it a git repository and push it.
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";

/** Every way `hello` is broken under test/repos/broken. */
export const brokenCases = [
  "bad-requests",
  "chart-does-not-render",
  "cluster-role-binding",
  "config-typo",
  "crash-at-start",
  "dies-after-three-seconds",
  "dockerfile-fails",
  "hook-fails",
  "host-path",
  "image-not-pullable",
  "missing-configmap",
  "never-ready",
  "no-such-node",
  "nothing-to-deploy",
  "oom",
  "other-namespace",
  "symlink-escapes",
  "wrong-type",
] as const;

export type BrokenCase = (typeof brokenCases)[number];
export type SampleName = "shop" | "hello" | { broken: BrokenCase };

const caseDescription = z.strictObject({
  /** A title for the pull request that brings the case. */
  title: z.string(),
  /** Which failure is expected, in words. */
  expect: z.string(),
  /** Texts that the explanation cannot leave out: of the repository, and the sentences that say the cause and the remedy. */
  mentions: z.array(z.string()),
  /** Paths of `hello` that the case takes away. */
  remove: z.array(z.string()).default([]),
  /** Links the case brings (path to target); kept out of this repository, because they lead out of it. */
  symlinks: z.record(z.string(), z.string()).default({}),
});

export type CaseDescription = z.infer<typeof caseDescription>;

const root = import.meta.dirname;

/** What a case of test/repos/broken is about. */
export async function describeCase(name: BrokenCase): Promise<CaseDescription> {
  return caseDescription.parse(JSON.parse(await readFile(join(root, "broken", name, "case.json"), "utf8")));
}

/** Writes a sample repository's files into `directory`, on top of what is there; a broken case is `hello` with its changes. */
export async function materialise(name: SampleName, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  if (typeof name === "string") return copy(join(root, name), directory);

  await copy(join(root, "hello"), directory);
  const { remove, symlinks } = await describeCase(name.broken);
  for (const path of remove) await rm(join(directory, path), { recursive: true, force: true });
  const files = join(root, "broken", name.broken, "files");
  if (existsSync(files)) await copy(files, directory);
  for (const [path, target] of Object.entries(symlinks)) {
    const link = join(directory, path);
    await mkdir(dirname(link), { recursive: true });
    await rm(link, { force: true });
    await symlink(target, link);
  }
}

/** Without the dependencies that somebody working on a sample may have installed. */
async function copy(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, filter: (path) => basename(path) !== "node_modules" });
}
