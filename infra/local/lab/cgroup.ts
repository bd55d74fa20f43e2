import { existsSync, readlinkSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { retryUntil } from "./readiness.ts";

/**
 * Every process of the lab, pods included, lives below this control group. It is how a later run
 * recognises what a crashed one left, and nothing else's. Its name holds the network namespace,
 * because that is what there can be only one lab in.
 */
export function labCgroup(): string {
  const namespace = /\d+/.exec(readlinkSync("/proc/self/ns/net"))?.[0] ?? "";
  return `/greenroom-lab-${namespace}`;
}

const mount = "/sys/fs/cgroup";

/** Creates the lab's control group in each hierarchy and moves a process into it. */
export async function joinLabCgroup(pid: number, mounted = mount): Promise<void> {
  const unified = isUnified(mounted);
  // kubelet insists on every controller the machine has, and the machine may hand on only those it uses itself.
  if (unified) await delegateControllers(mounted);
  for (const hierarchy of await hierarchies(mounted)) {
    const own = join(hierarchy, labCgroup(), "lab");
    await mkdir(own, { recursive: true });
    if (!unified) {
      await inheritCpus(hierarchy, labCgroup());
      await inheritCpus(hierarchy, join(labCgroup(), "lab"));
    }
    await writeFile(join(own, "cgroup.procs"), String(pid));
    await delegateControllers(join(hierarchy, labCgroup()));
  }
}

/** Moves a process out of the lab's control group again, so that the group can be removed. */
export async function leaveLabCgroup(pid: number): Promise<void> {
  for (const hierarchy of await hierarchies()) await writeFile(join(hierarchy, "cgroup.procs"), String(pid));
}

/** Pids of all processes below the lab's control group, except this one. */
export async function labProcesses(): Promise<number[]> {
  const top = labCgroup();
  const pids: number[] = [];
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const groups = await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "");
    if (groups.split("\n").some((line) => isBelow(top, line))) pids.push(pid);
  }
  return pids;
}

/** Removes the lab's control groups; their processes must be gone. */
export async function removeLabCgroups(): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const top = join(hierarchy, labCgroup());
    // A group stays busy for a moment after its last process has died.
    if (existsSync(top)) await retryUntil(() => removeTree(top), { seconds: 10 });
  }
}

/** Whether a line of /proc/PID/cgroup names a group or one below it. */
function isBelow(group: string, line: string): boolean {
  const path = line.split(":").slice(2).join(":");
  return path === group || path.startsWith(`${group}/`);
}

/** Whether this is cgroup v2 alone, where the mount itself is the one hierarchy. */
function isUnified(mounted: string): boolean {
  return existsSync(join(mounted, "cgroup.controllers"));
}

async function hierarchies(mounted = mount): Promise<string[]> {
  if (isUnified(mounted)) return [mounted];
  const entries = await readdir(mounted, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(mounted, entry.name));
}

/** A v1 cpuset takes no process before it has CPUs and memory nodes. */
async function inheritCpus(hierarchy: string, group: string): Promise<void> {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    const own = join(hierarchy, group, file);
    if (!existsSync(own)) continue;
    if ((await readFile(own, "utf8")).trim() !== "") continue;
    await writeFile(own, await readFile(join(hierarchy, group, "..", file), "utf8"));
  }
}

/** With v2, children get only the controllers their parent hands on. */
async function delegateControllers(group: string): Promise<void> {
  const available = await readFile(join(group, "cgroup.controllers"), "utf8").catch(() => "");
  for (const controller of available.trim().split(/\s+/).filter(Boolean)) {
    // Where one cannot be handed on, kubelet says whether it can do without.
    await writeFile(join(group, "cgroup.subtree_control"), `+${controller}`).catch(() => undefined);
  }
}

async function removeTree(group: string): Promise<void> {
  for (const entry of await readdir(group, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(join(group, entry.name));
  }
  await rmdir(group);
}
