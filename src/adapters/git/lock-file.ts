import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

const pollMs = 25;

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** A process's start in clock ticks, so that another process with its old number is not taken for it. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may contain anything; the start is the 20th field after it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Names this process until it ends, and no other one before or after it on this machine. */
export async function processIdentity(): Promise<string> {
  return `${process.pid}.${(await startOf(process.pid)) ?? "0"}`;
}

/** Whether the process that `processIdentity` named still runs. */
export async function isRunning(identity: string): Promise<boolean> {
  const [pid, start] = identity.split(".");
  return start !== undefined && (await startOf(Number(pid))) === start;
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Takes away a lock whose owner is dead. Puts it back where someone else was faster and it is a living one by now. */
async function breakLock(path: string, owner: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  if ((await read(aside)) !== owner) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

/**
 * Takes a lock that excludes every other holder on this machine, and resolves with the function that gives it back.
 * A lock left by a process that is gone does not count.
 */
export async function lockFile(path: string, signal: AbortSignal): Promise<() => Promise<void>> {
  const identity = `${await processIdentity()}.${randomUUID()}`;
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, identity);
  try {
    for (;;) {
      signal.throwIfAborted();
      try {
        await link(own, path);
        return async () => {
          if ((await read(path)) === identity) await rm(path, { force: true });
        };
      } catch (error) {
        if (!hasCode(error, "EEXIST")) throw error;
      }
      const owner = await read(path);
      if (owner === undefined) continue;
      if (await isRunning(owner)) await wait(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      else await breakLock(path, owner);
    }
  } finally {
    await rm(own, { force: true });
  }
}
