import { createServer, connect, type Server } from "node:net";
import { once } from "node:events";
import { z } from "zod";

/** The lab that runs on this machine. */
const runningLab = z.object({
  pid: z.number(),
  since: z.string(),
  state: z.string(),
  /** Services that ought to run and do not. */
  dead: z.array(z.string()),
});
export type RunningLab = z.infer<typeof runningLab>;

/**
 * A name in the kernel, not on disk: whoever listens there is this machine's one lab, and the name
 * is free again the moment that process is gone, however it ended.
 */
const name = "\0greenroom-lab";

/** Becomes this machine's lab, or returns undefined because another process is it. */
export async function takeLock(describe: () => RunningLab): Promise<Server | undefined> {
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

/** The lab that runs now, as it describes itself. */
export async function whoRuns(): Promise<RunningLab | undefined> {
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
