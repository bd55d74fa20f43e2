import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { down } from "../local/lab/down.ts";
import { whoRuns } from "../local/lab/lock.ts";
import { labPaths } from "../local/lab/paths.ts";
import { identify, signalProcess } from "../local/lab/processes.ts";
import type { Places } from "./environment.ts";
import { newcomersProcesses } from "./snapshot.ts";
import { mountPoints } from "./system-text.ts";

const run = promisify(execFile);

/** Copies what the commands said, and what their lab wrote, to a folder that stays. Returns it. */
export async function keepLogs(places: Places): Promise<string> {
  const kept = await mkdtemp(join(tmpdir(), "greenroom-newcomer-logs-"));
  await cp(places.logs, kept, { recursive: true });
  const labLogs = join(places.labState, "logs");
  if (existsSync(labLogs)) await cp(labLogs, join(kept, "lab"), { recursive: true });
  return kept;
}

/** Ends and removes everything of a newcomer, whatever state its commands left it in. */
export async function cleanUp(places: Places, mark: string): Promise<void> {
  const lab = labPaths({ GREENROOM_LAB_STATE: places.labState, HOME: places.home });
  if (existsSync(lab.run) || (await whoRuns(lab))) await down(lab);
  await endProcesses(places, mark);
  for (const point of (await mountsBelow(places.folder)).toReversed()) await run("umount", ["--lazy", point]);
  await removeFolder(places.folder);
}

async function endProcesses(places: Places, mark: string): Promise<void> {
  const found = await newcomersProcesses(places, mark);
  for (const { pid } of found.filter(({ isMarked }) => isMarked)) {
    const target = identify(pid);
    if (target !== undefined) signalProcess(target, "SIGKILL");
  }
}

/** Removes the folder but nothing that is mounted below it. Go's modules are read-only, folders included. */
async function removeFolder(folder: string): Promise<void> {
  const mounted = await mountsBelow(folder);
  if (mounted.length > 0) throw new Error(`${folder} stays, since these are mounted in it: ${mounted.join(", ")}`);
  await run("chmod", ["--recursive", "u+rwX", folder]);
  await run("rm", ["--recursive", "--force", "--one-file-system", folder]);
}

async function mountsBelow(folder: string): Promise<string[]> {
  return mountPoints(await readFile("/proc/self/mountinfo", "utf8")).filter((point) => point.startsWith(`${folder}/`));
}
