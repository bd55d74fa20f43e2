import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { z } from "zod";
import type { LabPaths } from "./paths.ts";

/** The lab that runs, as it describes itself. */
const runningLab = z.object({
  pid: z.number(),
  since: z.string(),
  state: z.string(),
  /** Services that ought to run and do not. */
  dead: z.array(z.string()).default([]),
});
export type RunningLab = z.infer<typeof runningLab>;

/**
 * Locks are names in the kernel, not files: whoever listens there holds the lock, and it is free again
 * the moment that process is gone, however it ended.
 */
export const machineLock = "\0greenroom-lab";

/** The lock of a state folder: of the lab that keeps its state there, whatever cluster it uses. */
export function stateLock(paths: LabPaths): string {
  return `${machineLock}:${paths.state}`;
}

/** Takes a lock, or returns undefined because another process has it. */
export async function takeLock(name: string, describe: () => RunningLab): Promise<Server | undefined> {
  const server = createServer((socket) => {
    // Whoever asks may be gone already.
    socket.on("error", () => undefined);
    socket.end(JSON.stringify(describe()));
  });
  server.listen(name);
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return undefined;
    throw error;
  }
}

/** The lab that holds a lock now. */
export async function holderOfLock(name: string): Promise<RunningLab | undefined> {
  const socket = connect(name);
  try {
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    return runningLab.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ECONNREFUSED") return undefined;
    throw error;
  }
}

/** The lab with its state in that folder, if it runs. */
export async function whoRuns(paths: LabPaths): Promise<RunningLab | undefined> {
  const holder = await holderOfLock(stateLock(paths));
  if (holder) return holder;
  const machine = await holderOfLock(machineLock);
  return machine?.state === paths.state ? machine : undefined;
}
