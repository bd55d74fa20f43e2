import { readFile } from "node:fs/promises";
import { z } from "zod";
import { askRestart } from "../../../infra/local/lab/control.ts";
import { labPaths } from "../../../infra/local/lab/paths.ts";
import { isAlive, type ProcessIdentity, signalProcess } from "../../../infra/local/lab/processes.ts";
import { processesFile } from "../../../infra/local/lab/supervisor.ts";
import { waitFor } from "../../../infra/local/demo/wait-for.ts";

const recorded = z.array(z.object({ service: z.string(), pid: z.int(), startTime: z.string(), bootId: z.string() }));

/** The process of one of the lab's services. */
export async function serviceProcess(name: string): Promise<ProcessIdentity> {
  const all = recorded.parse(JSON.parse(await readFile(processesFile(labPaths().run), "utf8")));
  const found = all.find(({ service }) => service === name);
  if (found === undefined) throw new Error(`the lab runs no ${name}`);
  return found;
}

/** Ends one of the lab's services and resolves when it is gone; the lab leaves it so until it is asked to start it. */
export async function endService(name: string, by: "SIGTERM" | "SIGKILL"): Promise<void> {
  const target = await serviceProcess(name);
  signalProcess(target, by);
  await waitFor(`the end of ${name}`, 30, async () => (isAlive(target) ? undefined : true));
}

/** Starts a service anew, whether or not it still runs, and resolves when it answers. */
export async function restartService(name: string): Promise<void> {
  await askRestart(labPaths(), name);
}

/** How a service was started: its arguments, environment and nothing else. */
export async function commandOf(name: string): Promise<{ args: string[]; env: Record<string, string> }> {
  const { pid } = await serviceProcess(name);
  const [args, env] = await Promise.all(
    ["cmdline", "environ"].map(async (file) =>
      (await readFile(`/proc/${pid}/${file}`, "utf8")).split("\0").slice(0, -1),
    ),
  );
  const pairs = (env ?? []).map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
  return { args: args ?? [], env: Object.fromEntries(pairs) };
}
