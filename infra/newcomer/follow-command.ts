import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";

export type Followed = {
  code: number;
  seconds: number;
  /** Until the command itself said something: npm's echo of what it runs does not count. Undefined if it never did. */
  firstOutputSeconds: number | undefined;
  /** Until it named a page on this machine that one can open meanwhile. */
  firstPageSeconds: number | undefined;
  /** The longest time in which somebody who watches saw nothing new. */
  longestSilenceSeconds: number;
};

export type FollowOptions = {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** In front of each line that is shown. */
  prefix: string;
  logFile: string;
  show: (line: string) => void;
  signal: AbortSignal;
};

/** How long a command that was interrupted may clean up before it is killed, in milliseconds. */
const patience = 120_000;

/** Runs a command without a terminal, shows its output as it comes, and notes when somebody saw what. */
export async function followCommand(
  program: string,
  args: readonly string[],
  { cwd, env, prefix, logFile, show, signal }: FollowOptions,
): Promise<Followed> {
  const started = performance.now();
  const since = () => (performance.now() - started) / 1_000;
  // A group of its own, so that Ctrl-C reaches it once, from here.
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const log = createWriteStream(logFile);
  const seen = { output: undefined as number | undefined, page: undefined as number | undefined, silence: 0, last: 0 };
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      log.write(`${line}\n`);
      show(`${prefix}${line}`);
      if (line.trim() === "" || line.startsWith("> ")) return;
      const now = since();
      seen.output ??= now;
      if (/https?:\/\/(?:127\.0\.0\.1|localhost)\b/.test(line)) seen.page ??= now;
      seen.silence = Math.max(seen.silence, now - seen.last);
      seen.last = now;
    });
  }
  const interrupt = (): void => {
    endGroup(child.pid, "SIGINT");
    setTimeout(() => endGroup(child.pid, "SIGKILL"), patience).unref();
  };
  signal.addEventListener("abort", interrupt, { once: true });
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (exit) => resolve(exit ?? 1));
    });
    const seconds = since();
    return {
      code,
      seconds,
      firstOutputSeconds: seen.output,
      firstPageSeconds: seen.page,
      longestSilenceSeconds: Math.max(seen.silence, seconds - seen.last),
    };
  } finally {
    signal.removeEventListener("abort", interrupt);
    log.end();
    await finished(log);
  }
}

function endGroup(pid: number | undefined, how: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, how);
  } catch {
    // It has ended by itself.
  }
}
