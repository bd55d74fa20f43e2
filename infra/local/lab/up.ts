import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";
import { agreed, announcement, plan } from "./announce.ts";
import { labEndpoints } from "./endpoints.ts";
import { holderOfLock, machineLock, type RunningLab, whoRuns } from "./lock.ts";
import { type Foreign, type Orders, readMessage } from "./messages.ts";
import { isIsolated } from "./needs.ts";
import type { LabPaths } from "./paths.ts";
import { preflight } from "./preflight.ts";
import { readLabStatus } from "./status.ts";

export type UpOptions = {
  readonly detach: boolean;
  readonly yes: boolean;
  readonly portOffset: number;
  readonly foreign: Foreign | undefined;
  readonly binaries?: string | undefined;
  readonly binariesPins?: string | undefined;
};

/** Exit code where this machine cannot run the lab; sysexits' EX_UNAVAILABLE. */
const unavailable = 69;

/** Exit code where a person said no; as a shell's after Ctrl-C. */
const declined = 130;

/** Starts the lab; returns the exit code. */
export async function up(options: UpOptions, paths: LabPaths): Promise<number> {
  const running = await whoRuns(paths);
  if (running) return sayItRuns(running, paths);
  const { foreign, portOffset } = options;
  const other = isIsolated({ foreign }) ? await holderOfLock(machineLock) : undefined;
  if (other) {
    console.error(`Another lab is running: pid ${other.pid}, since ${other.since}, with its state in ${other.state}.`);
    return unavailable;
  }
  const endpoints = labEndpoints(paths, portOffset);
  const problems = await preflight({ foreign }, paths, endpoints);
  if (problems.length > 0) {
    const list = problems.map((line) => `  - ${line}`).join("\n");
    console.error(`The lab cannot start here, and nothing was changed:\n${list}`);
    return unavailable;
  }
  console.error(
    announcement(await plan({ foreign, binaries: options.binaries }, paths), { foreign }, paths, endpoints),
  );
  if (!(await agreed(options.yes))) {
    console.error("Nothing was changed.");
    return declined;
  }
  const screen = { isTTY: isatty(2), columns: process.stderr.columns || 100 };
  const { detach, binaries, binariesPins } = options;
  return startProcess({ detach, portOffset, foreign, binaries, binariesPins, screen }, paths);
}

async function sayItRuns(running: RunningLab, paths: LabPaths): Promise<number> {
  console.log(`A lab is running: pid ${running.pid}, since ${running.since}.`);
  if (running.dead.length > 0) {
    console.log(`It is broken: ${running.dead.join(", ")} died. End it with \`npm run lab -- down\`.`);
    return 1;
  }
  if (await readLabStatus(paths)) return 0;
  console.log("It is not ready: wait for it, or end it with `npm run lab -- down`.");
  return 1;
}

/** Starts the lab's own process and stays with it: until it is ready when detached, else until it ends. */
async function startProcess(orders: Orders, paths: LabPaths): Promise<number> {
  // Those of an earlier lab that did not come up.
  rmSync(paths.logs, { recursive: true, force: true });
  mkdirSync(paths.logs, { recursive: true });
  const log = openSync(join(paths.logs, "lab.log"), "a");
  const entry = fileURLToPath(new URL("supervise.ts", import.meta.url));
  // In a mount namespace of its own, so that its mounts end with its last process.
  const confined = isIsolated(orders) ? ["unshare", "--mount", "--propagation", "slave", "--"] : [];
  const [command, ...args] = [...confined, process.execPath, entry, JSON.stringify(orders)];
  const child = spawn(
    command,
    args,
    // A session of its own: Ctrl-C is ours to pass on, and nothing of the terminal's outlives it.
    { detached: true, stdio: ["ignore", log, log, "ipc"], cwd: "/" },
  );
  closeSync(log);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill("SIGTERM"));
  return new Promise((resolve) => {
    let code: number | undefined;
    child.on("message", (value: unknown) => {
      const message = readMessage(value);
      if (message.type === "text") process.stderr.write(message.text);
      if (message.type === "failed") {
        console.error(`The lab did not come up: ${message.reason}`);
        code = 1;
      }
      if (message.type !== "ready") return;
      console.log(orders.detach ? "The lab is ready." : "The lab is ready; Ctrl-C ends it.");
      if (!orders.detach) return;
      child.disconnect();
      child.unref();
      resolve(0);
    });
    child.once("exit", (exit, killer) => {
      if (killer || (exit !== 0 && code === undefined)) {
        console.error(`The lab's process ended (${killer ?? exit}); its log: ${join(paths.logs, "lab.log")}`);
      }
      if (exit === 0) console.error("The lab is gone.");
      resolve(code ?? exit ?? 1);
    });
    child.once("error", (error) => {
      console.error(`The lab's process cannot be started: ${error.message}`);
      resolve(1);
    });
  });
}
