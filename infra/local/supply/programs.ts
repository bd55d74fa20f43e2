import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type BinarySource, downloadProgram } from "./binaries.ts";
import type { StepReport } from "./board-writer.ts";
import { runCommand } from "./command.ts";
import { buildFlags, goArch, type ProgramSpec, programKey } from "./program-key.ts";

export type BuildContext = {
  readonly cache: string;
  readonly report: StepReport;
  readonly signal: AbortSignal;
  /** Official releases to take instead of compiling, where they can be had. */
  readonly binaries?: BinarySource | undefined;
};

const buildTimeoutSeconds = 3600;

/** BuildKit's daemon and client, and the lab's pause program, of one module. */
export function buildkitProgram(moduleDir: string): ProgramSpec {
  return {
    name: "buildkit",
    moduleDir,
    packages: ["github.com/moby/buildkit/cmd/buildkitd", "github.com/moby/buildkit/cmd/buildctl", "./pause"],
    ownPackages: ["./pause"],
    ldflags: "-s -w -X github.com/moby/buildkit/version.Version=v0.34.2",
  };
}

/** The file name `go build` gives a package's binary. */
function binaryName(importPath: string): string {
  return basename(importPath);
}

/** Where a program is, or will be, in the cache. */
export async function programDir(spec: ProgramSpec, cache: string): Promise<string> {
  return join(cache, "bin", await programKey(spec, goArch()));
}

/** Whether a program needs no compiling. */
export async function isBuilt(spec: ProgramSpec, cache: string): Promise<boolean> {
  return existsSync(await programDir(spec, cache));
}

/**
 * Compile a program into the cache, or find it there; answers the folder with its binaries. A release that was
 * downloaded is as good as what is compiled from the same sources, so both have the same place.
 */
export async function buildProgram(spec: ProgramSpec, context: BuildContext): Promise<string> {
  const dir = await programDir(spec, context.cache);
  if (existsSync(dir)) {
    context.report.cached();
    return dir;
  }
  const parent = join(context.cache, "bin");
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const temporary = await mkdtemp(join(parent, ".building-"));
  try {
    if (!(await takeRelease(spec, temporary, context))) await compile(spec, temporary, context);
    await chmod(temporary, 0o755);
    await putInPlace(temporary, dir);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return dir;
}

/** Remove what compilations left that were killed; none of those that may still run. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(".building-")) continue;
    const mtimeMs = await stat(join(parent, name)).then((found) => found.mtimeMs, Date.now);
    if (Date.now() - mtimeMs > 2 * buildTimeoutSeconds * 1000)
      await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Fill the folder from an official release; false when the program has to be compiled. */
async function takeRelease(spec: ProgramSpec, output: string, context: BuildContext): Promise<boolean> {
  if (context.binaries === undefined) return false;
  const why = await downloadProgram(spec.name, goArch(), output, context.binaries, context);
  if (why !== null) {
    context.report.detail(`${why}: compiling`);
    // Nothing of a half downloaded release stays beside what is compiled.
    for (const name of await readdir(output)) await rm(join(output, name), { recursive: true });
    return false;
  }
  const own = spec.ownPackages ?? [];
  if (own.length > 0) await compile({ ...spec, packages: own }, output, context);
  return true;
}

async function compile(spec: ProgramSpec, output: string, context: BuildContext): Promise<void> {
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" };
  const run = { cwd: spec.moduleDir, env, signal: context.signal, timeoutSeconds: buildTimeoutSeconds };
  context.report.detail("downloading modules");
  const { stdout } = await runCommand("go", ["list", "-deps", ...spec.packages], {
    ...run,
    onLine: (line) => {
      if (line.startsWith("go: downloading")) context.report.detail(line);
    },
  });
  const total = stdout.split("\n").length;
  const mains = await runCommand("go", ["list", ...spec.packages], run);
  let compiled = 0;
  // One compiler run at a time: two would only share the same processors and compile common packages twice.
  const lock = join(context.cache, "bin", ".lock");
  const build = ["build", "-v", ...buildFlags(spec), "-o", `${output}/`, ...spec.packages];
  context.report.detail("waiting for another compilation");
  await runCommand("flock", ["--no-fork", lock, "go", ...build], {
    ...run,
    onLine: (line) => {
      compiled += 1;
      context.report.fraction(compiled / total);
      context.report.detail(`${compiled} of ${total} packages: ${line}`);
    },
  });
  const missing = mains.stdout.split("\n").filter((path) => !existsSync(join(output, binaryName(path))));
  if (missing.length > 0) throw new Error(`go build made no binary of ${missing.join(", ")}.`);
}

async function putInPlace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    // Someone else built the same meanwhile: theirs is as good.
    if (!existsSync(to)) throw error;
  }
}
