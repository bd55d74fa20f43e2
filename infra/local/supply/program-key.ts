import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** A Go program, or several of one module, and how it is compiled. */
export type ProgramSpec = {
  /** For people and for the board. */
  readonly name: string;
  /** Folder of the module's go.mod. */
  readonly moduleDir: string;
  /** Import paths or `./…`; each makes one binary named like its last element. */
  readonly packages: readonly string[];
  /** Those of them that are ours and so in no official release. */
  readonly ownPackages?: readonly string[];
  readonly ldflags: string;
};

/** What Node calls the processor, in Go's words. */
export function goArch(arch: NodeJS.Architecture = process.arch): string {
  if (arch === "x64") return "amd64";
  return arch;
}

/** The flags of `go build`, the same for every program so that shared packages are compiled once. */
export function buildFlags(spec: ProgramSpec): string[] {
  return ["-trimpath", "-mod=readonly", "-buildvcs=false", `-ldflags=${spec.ldflags}`];
}

async function moduleFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith("_test.go"));
  const nested = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(async (entry) => {
        const inner = await moduleFiles(join(dir, entry.name));
        // A folder with its own go.mod is another module and no part of this one.
        return inner.includes(join(dir, entry.name, "go.mod")) ? [] : inner;
      }),
  );
  return [...files.map((entry) => join(dir, entry.name)), ...nested.flat()].toSorted();
}

/** A name for the result: equal for equal sources, dependencies, flags and processor. */
export async function programKey(spec: ProgramSpec, arch: string): Promise<string> {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([spec.packages, buildFlags(spec), arch, "CGO_ENABLED=0"]));
  for (const file of await moduleFiles(spec.moduleDir)) {
    const content = await readFile(file);
    hash.update(`\0${relative(spec.moduleDir, file)}\0${content.length}\0`).update(content);
  }
  return `${spec.name}-${hash.digest("hex").slice(0, 16)}`;
}
