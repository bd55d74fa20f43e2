import { cleanUp, isDirty } from "./clean.ts";
import { whoRuns } from "./lock.ts";
import type { LabPaths } from "./paths.ts";
import { identify, isAlive, signalProcess } from "./processes.ts";
import { retryUntil } from "./readiness.ts";

/** Ends the lab and removes what it made; returns the exit code. */
export async function down(paths: LabPaths): Promise<number> {
  const running = await whoRuns();
  if (running && running.state !== paths.state) {
    console.error(`The lab that runs has its state in ${running.state}: set GREENROOM_LAB_STATE to that to end it.`);
    return 1;
  }
  const process = running && identify(running.pid);
  if (process) {
    signalProcess(process, "SIGTERM");
    await retryUntil(
      async () => {
        if (isAlive(process)) throw new Error("the lab's process does not end");
      },
      { seconds: 60 },
    ).catch(() => signalProcess(process, "SIGKILL"));
  }
  const dirty = await isDirty(paths);
  if (dirty) await cleanUp(paths);
  console.log(process || dirty ? "The lab is gone." : "No lab is running.");
  return 0;
}
