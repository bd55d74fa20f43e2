import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export type CommandOptions = {
  readonly cwd?: string;
  /** The whole environment of the program; the caller's own unless given. */
  readonly env?: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly timeoutSeconds: number;
  /** Each line of output as it comes, of both streams. */
  readonly onLine?: (line: string) => void;
  /** Text for its standard input. */
  readonly input?: string;
};

export type CommandResult = { readonly stdout: string; readonly stderr: string };

/** A program that did not end well, with the last lines it printed. */
export class CommandFailed extends Error {
  readonly command: string;
  readonly lastLines: readonly string[];

  constructor(command: string, how: string, lastLines: readonly string[]) {
    super(`${command} ${how}${lastLines.length === 0 ? "" : `:\n  ${lastLines.join("\n  ")}`}`);
    this.name = "CommandFailed";
    this.command = command;
    this.lastLines = lastLines;
  }
}

const linesKept = 12;

/**
 * Run a program to its end. It and its children end with this process, with the signal, or at the deadline.
 * The output it is asked for is returned whole; errors carry only the last lines.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  options.signal.throwIfAborted();
  const shown = [command, ...args.slice(0, 2)].join(" ");
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", command, ...args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const kill = (): void => {
    // A program that could not be started has no group to kill.
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group is gone already.
    }
  };
  const deadline = AbortSignal.timeout(options.timeoutSeconds * 1000);
  const stop = AbortSignal.any([options.signal, deadline]);
  stop.addEventListener("abort", kill, { once: true });

  const texts = { stdout: [] as string[], stderr: [] as string[] };
  const last: string[] = [];
  for (const name of ["stdout", "stderr"] as const) {
    createInterface({ input: child[name] }).on("line", (line) => {
      texts[name].push(line);
      last.push(line);
      if (last.length > linesKept) last.shift();
      options.onLine?.(line);
    });
  }
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");

  try {
    const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exit, signal) => {
        resolve([exit, signal]);
      });
    });
    options.signal.throwIfAborted();
    if (deadline.aborted) throw new CommandFailed(shown, `took longer than ${options.timeoutSeconds} s`, last);
    if (code !== 0) {
      throw new CommandFailed(shown, killedBy === null ? `exited with ${code}` : `was ended by ${killedBy}`, last);
    }
    return { stdout: texts.stdout.join("\n"), stderr: texts.stderr.join("\n") };
  } finally {
    stop.removeEventListener("abort", kill);
  }
}
