import { cleanUp, isDirty } from "./clean.ts";
import { holderOfLock, machineLock, whoRuns } from "./lock.ts";
import type { LabPaths } from "./paths.ts";
import { identify, isAlive, signalProcess } from "./processes.ts";
import { retryUntil } from "./readiness.ts";

/** Ends the lab and removes what it made; returns the exit code. */
export async function down(paths: LabPaths): Promise<number> {
  const running = await whoRuns(paths);
  const other = await holderOfLock(machineLock);
  if (!running && other) {
    console.error(`The lab that runs has its state in ${other.state}: set GREENROOM_LAB_STATE to that to end it.`);
    return 1;
  }
  const lab = running && identify(running.pid);
  if (lab) {
    signalProcess(lab, "SIGTERM");
    await retryUntil(
      async () => {
        if (isAlive(lab)) throw new Error("the lab's process does not end");
      },
      { seconds: 60 },
    ).catch(() => signalProcess(lab, "SIGKILL"));
  }
  // Another lab's part of the machine is not this one's to clean.
  const scope = (await holderOfLock(machineLock)) ? "state" : "machine";
  const dirty = await isDirty(paths, scope);
  if (dirty) await cleanUp(paths, scope);
  console.log(lab || dirty ? "The lab is gone." : "No lab is running.");
  return 0;
}
