import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { labProcesses, removeLabCgroups } from "./cgroup.ts";
import { removeMountPoints, unmountState } from "./mounts.ts";
import { bridgeExists, removeNetwork } from "./network.ts";
import type { LabPaths } from "./paths.ts";
import { sendSignal, signalProcess } from "./processes.ts";
import { retryUntil } from "./readiness.ts";
import { uninstall } from "./uninstall.ts";
import { processesFile, type RecordedProcess } from "./supervisor.ts";

/**
 * How far cleaning up goes: whoever holds the machine's lock answers for everything on the machine that bears
 * the lab's names; a lab that uses another cluster, for its own state folder alone.
 */
export type Scope = "machine" | "state";

/** Whether an earlier lab left anything behind. */
export async function isDirty(paths: LabPaths, scope: Scope): Promise<boolean> {
  if (existsSync(paths.run)) return true;
  return scope === "machine" && (bridgeExists() || (await labProcesses()).length > 0);
}

/**
 * Removes everything a lab may have left, however it ended: processes, mounts, interfaces,
 * packet-filter chains, control groups, state. What is not the lab's is not touched: its processes
 * are known by its control group and by recorded pid and start time, the rest by the lab's own names.
 */
export async function cleanUp(paths: LabPaths, scope: Scope, keep = { logs: false }): Promise<void> {
  for (const recorded of await recordedProcesses(paths)) signalProcess(recorded, "SIGKILL", true);
  if (scope === "machine") {
    await killGroup();
    await unmountState(paths);
    await removeNetwork(paths);
    await removeLabCgroups();
    await removeMountPoints(paths);
  }
  await uninstall(paths);
  await removeState(paths, keep.logs);
}

/** A lab that did not come up leaves its logs, so that one can see why. */
async function removeState(paths: LabPaths, keepLogs: boolean): Promise<void> {
  const entries = await readdir(paths.state).catch(() => []);
  for (const entry of entries) {
    const path = join(paths.state, entry);
    if (!(keepLogs && path === paths.logs)) await rm(path, { recursive: true, force: true });
  }
  if (!keepLogs) await rm(paths.state, { recursive: true, force: true });
}

async function killGroup(): Promise<void> {
  await retryUntil(
    async () => {
      const pids = await labProcesses();
      for (const pid of pids) sendSignal(pid, "SIGKILL");
      if (pids.length > 0) throw new Error(`these processes of the lab do not end: ${pids.join(", ")}`);
    },
    { seconds: 20, everyMilliseconds: 50 },
  );
}

async function recordedProcesses(paths: LabPaths): Promise<RecordedProcess[]> {
  const text = await readFile(processesFile(paths.run), "utf8").catch(() => "[]");
  return JSON.parse(text);
}
