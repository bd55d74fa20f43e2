import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

/** A process that cannot be mistaken for a later one with the same pid: the start time tells them apart. */
export type ProcessIdentity = { readonly pid: number; readonly startTime: string; readonly bootId: string };

let knownBootId: string | undefined;

function bootId(): string {
  knownBootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return knownBootId;
}

/** The identity of a running process, or undefined when there is none (a zombie counts as none). */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && stat.state !== "Z" ? { pid, startTime: stat.startTime, bootId: bootId() } : undefined;
}

/** Whether that very process still runs. */
export function isAlive(process: ProcessIdentity): boolean {
  const now = identify(process.pid);
  return now !== undefined && now.startTime === process.startTime && now.bootId === process.bootId;
}

/** Signals that very process, or its whole group, and nobody else; false when it is gone. */
export function signalProcess(target: ProcessIdentity, signal: NodeJS.Signals, group = false): boolean {
  if (!isAlive(target)) return false;
  return sendSignal(group ? -target.pid : target.pid, signal);
}

/** process.kill that takes a vanished process as an answer. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** The arguments a process was started with; empty when it is gone or a kernel thread. */
export async function argumentsOf(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return text.split("\0").slice(0, -1);
}

function readStat(pid: number): { state: string; startTime: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may itself hold spaces and parentheses: fields count from the last one.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state, startTime] = [fields[0], fields[19]];
    return state !== undefined && startTime !== undefined ? { state, startTime } : undefined;
  } catch {
    return undefined;
  }
}
