import { existsSync } from "node:fs";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "./command.ts";
import type { LabPaths } from "./paths.ts";

/**
 * Places that Kubernetes, containerd and CNI have compiled in. The lab runs in a mount
 * namespace of its own, where each of them is a folder of its state, so the machine's
 * own are neither read nor written; all its mounts end with its last process.
 */
const compiledIn = [
  "/run/containerd",
  "/run/netns",
  "/tmp/hostpath_pv",
  "/var/lib/cni",
  "/var/lib/kubelet",
  "/var/log/containers",
] as const;

/** Binds the compiled-in places to the lab's state; this process must be in the lab's mount namespace. */
export async function bindCompiledInPlaces(paths: LabPaths): Promise<void> {
  const created: string[] = [];
  for (const place of compiledIn) {
    const own = join(paths.state, "places", place);
    await mkdir(own, { recursive: true });
    created.push(...(await createMissing(place)));
    await run("mount", ["--bind", own, place]);
  }
  await writeFile(createdFile(paths), JSON.stringify([...(await createdBefore(paths)), ...created]));
}

/** Undoes the binds with all that is mounted below them; only for the process that made them. */
export async function releaseCompiledInPlaces(): Promise<void> {
  for (const place of compiledIn) {
    await run("umount", ["--recursive", "--lazy", place]).catch(() => undefined);
  }
}

/** Removes the empty mount points that were made on the machine. */
export async function removeMountPoints(paths: LabPaths): Promise<void> {
  for (const folder of (await createdBefore(paths)).toReversed()) {
    // Someone else may have put something there since: only empty ones go.
    await rmdir(folder).catch(() => undefined);
  }
}

/** Unmounts what a process outside the lab's namespace may have mounted below its state. */
export async function unmountState(paths: LabPaths): Promise<void> {
  const mountinfo = await readFile("/proc/self/mountinfo", "utf8");
  const below = mountinfo
    .split("\n")
    .map((line) => (line.split(" ")[4] ?? "").replaceAll("\\040", " "))
    .filter((point) => point.startsWith(`${paths.state}/`));
  for (const point of below.toReversed()) await run("umount", ["--lazy", point]);
}

function createdFile(paths: LabPaths): string {
  return join(paths.run, "mount-points.json");
}

async function createdBefore(paths: LabPaths): Promise<string[]> {
  const text = await readFile(createdFile(paths), "utf8").catch(() => "[]");
  const parsed: unknown = JSON.parse(text);
  return Array.isArray(parsed) ? parsed.filter((entry) => typeof entry === "string") : [];
}

/** Creates a folder with its parents and returns those that were not there, outermost first. */
async function createMissing(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at);
  await mkdir(folder, { recursive: true });
  return missing;
}
