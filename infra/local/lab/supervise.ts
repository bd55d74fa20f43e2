import { mkdir } from "node:fs/promises";
import { bringUp } from "./bring-up.ts";
import { joinLabCgroup, leaveLabCgroup } from "./cgroup.ts";
import { cleanUp, isDirty } from "./clean.ts";
import { openControl } from "./control.ts";
import { machineLock, type RunningLab, stateLock, takeLock } from "./lock.ts";
import { type Message, type Orders, readOrders } from "./messages.ts";
import { isIsolated } from "./needs.ts";
import { bindCompiledInPlaces, releaseCompiledInPlaces } from "./mounts.ts";
import { type LabPaths, labPaths } from "./paths.ts";
import { type Death, sentence, Supervisor } from "./supervisor.ts";

/**
 * The lab's own process: it runs in a mount namespace and a control group made for it, is the
 * parent of every service, and takes everything away when it ends.
 */
async function supervise(orders: Orders, paths: LabPaths): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  // The terminal that waits in the foreground is gone: so is the wish for a lab.
  if (!orders.detach) process.on("disconnect", () => stop.abort());

  const since = new Date().toISOString();
  const supervisor = new Supervisor({ logs: paths.logs, run: paths.run, onDeath: (death) => say(obituary(death)) });
  const describe = (): RunningLab => ({ pid: process.pid, since, state: paths.state, dead: supervisor.dead() });
  const isolated = isIsolated(orders);
  const scope = isolated ? "machine" : "state";
  const names = [stateLock(paths), ...(isolated ? [machineLock] : [])];
  const locks = await Promise.all(names.map((name) => takeLock(name, describe)));
  if (locks.includes(undefined)) {
    tell({ type: "failed", reason: "another lab was started at the same moment" });
    return 1;
  }
  if (await isDirty(paths, scope)) {
    say("An earlier lab ended without cleaning up: doing that first.\n");
    await cleanUp(paths, scope);
  }
  await mkdir(paths.run, { recursive: true, mode: 0o700 });
  if (isolated) {
    await joinLabCgroup(process.pid);
    await bindCompiledInPlaces(paths);
  }
  const failure = await bringUp({ orders, paths, supervisor, say }, stop.signal).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  const control = await openControl(paths, supervisor, stop.signal);
  if (!failure) {
    tell({ type: "ready" });
    await aborted(stop.signal);
  }
  control.close();
  await supervisor.stopAll();
  if (isolated) {
    await releaseCompiledInPlaces();
    await leaveLabCgroup(process.pid);
  }
  await cleanUp(paths, scope, { logs: failure !== undefined && !stop.signal.aborted });
  for (const lock of locks) lock?.close();
  if (failure && !stop.signal.aborted) {
    tell({ type: "failed", reason: failure.message });
    return 1;
  }
  return 0;
}

function obituary(death: Death): string {
  const { tail, log } = death;
  return `\n!! ${sentence(death)}. Its last lines:\n${tail.replaceAll(/^/gm, "   ")}\n   (whole log: ${log})\n\n`;
}

function say(text: string): void {
  process.stdout.write(text);
  tell({ type: "text", text });
}

function tell(message: Message): void {
  // Nobody listens any more once a detached lab is ready.
  if (process.connected) process.send?.(message);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

const code = await supervise(readOrders(process.argv[2] ?? ""), labPaths());
process.exit(code);
