import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { constants as osConstants } from "node:os";
import { delimiter, join } from "node:path";

export type ProgramOptions = {
  /** The whole environment of the program; nothing is inherited. `PATH` in it also finds the program. */
  env: Record<string, string>;
  cwd?: string;
  /** Written to standard input, which is closed afterwards. */
  input?: string | Uint8Array;
  signal: AbortSignal;
  deadlineMs: number;
  /** Most that is held of each stream, and the longest line where lines are streamed. More ends the program. */
  maxOutputBytes?: number;
  /** Largest file that the program and what it starts may write, where the system can bound it. */
  maxFileBytes?: number;
  /** How an abort or the deadline asks the program to stop; after `graceMs` comes SIGKILL. */
  killSignal?: NodeJS.Signals;
  graceMs?: number;
  /** A stream with a listener is handed over line by line and not collected. */
  onStdoutLine?: (line: string) => void;
  onStderrLine?: (line: string) => void;
  /** `latin1` keeps every byte of standard output. */
  stdoutEncoding?: "utf8" | "latin1";
};

export type ProgramResult = {
  stdout: string;
  stderr: string;
  /** Exit code; 128 plus the signal's number where a signal ended it that was not ours. */
  code: number;
};

/** The program could not be found, took too long, or wrote too much. Other exits are a result with its code. */
export class ProgramError extends Error {
  readonly reason: "missing" | "deadline" | "output";
  /** What the program had written to standard error by then. */
  readonly stderr: string;

  constructor(reason: ProgramError["reason"], message: string, stderr: string) {
    super(message);
    this.name = "ProgramError";
    this.reason = reason;
    this.stderr = stderr;
  }
}

const defaultMaxOutputBytes = 16 * 1024 * 1024;
const defaultGraceMs = 5_000;
/** How long a stream may stay open after the program's exit before we stop listening. */
const drainMs = 1_000;
/** Debian's util-linux; with it a program dies with us, even when we are killed. Elsewhere it runs without. */
const setpriv = "/usr/bin/setpriv";
const prlimit = "/usr/bin/prlimit";

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function findProgram(command: string, path: string): string | undefined {
  if (command.includes("/")) return isExecutable(command) ? command : undefined;
  const folder = path.split(delimiter).find((each) => each !== "" && isExecutable(join(each, command)));
  return folder === undefined ? undefined : join(folder, command);
}

/** Programs that set something up for the process they then become. */
function wrappers({ maxFileBytes }: ProgramOptions): string[] {
  return [
    ...(isExecutable(setpriv) ? [setpriv, "--pdeathsig", "KILL", "--"] : []),
    ...(maxFileBytes !== undefined && isExecutable(prlimit) ? [prlimit, `--fsize=${maxFileBytes}`, "--"] : []),
  ];
}

/** Collects a stream, or cuts it into lines; `add` answers false when the limit is passed. */
function sink(limit: number, encoding: BufferEncoding, onLine: ((line: string) => void) | undefined) {
  const chunks: Buffer[] = [];
  let held = 0;
  const text = () => Buffer.concat(chunks).toString(encoding);
  const keep = (chunk: Buffer) => {
    if (chunk.length > 0) chunks.push(chunk);
    held += chunk.length;
    return held <= limit;
  };
  const flushLine = () => {
    const line = text();
    chunks.length = 0;
    held = 0;
    onLine?.(line.endsWith("\r") ? line.slice(0, -1) : line);
  };
  return {
    add(chunk: Buffer): boolean {
      if (onLine === undefined) return keep(chunk);
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        if (!keep(chunk.subarray(start, end))) return false;
        flushLine();
        start = end + 1;
      }
      return keep(chunk.subarray(start));
    },
    end(complete: boolean): string {
      if (onLine === undefined) return text();
      if (complete && held > 0) flushLine();
      return "";
    },
  };
}

/**
 * Runs a program with an argument array, its own process group and a deadline, and resolves with what it wrote and its
 * exit code. Rejects with the signal's reason when aborted and with a `ProgramError` otherwise; in every case the
 * program, and what it started in its group, is gone by then.
 */
export function runProgram(command: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const { env, signal, deadlineMs, killSignal = "SIGTERM", graceMs = defaultGraceMs } = options;
  if (signal.aborted) return Promise.reject(signal.reason);
  const program = findProgram(command, env["PATH"] ?? "");
  if (program === undefined) {
    return Promise.reject(new ProgramError("missing", `${command} is not installed`, ""));
  }
  const argv = [...wrappers(options), program, ...args];
  const limit = options.maxOutputBytes ?? defaultMaxOutputBytes;

  return new Promise((resolve, reject) => {
    const child = spawn(argv[0] ?? program, argv.slice(1), {
      env,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const stdout = sink(limit, options.stdoutEncoding ?? "utf8", options.onStdoutLine);
    const stderr = sink(limit, "utf8", options.onStderrLine);
    let stop: { because: "abort" | "deadline" | "output" | "listener"; thrown?: unknown } | undefined;
    let grace: NodeJS.Timeout | undefined;
    let drain: NodeJS.Timeout | undefined;

    const killGroup = (by: NodeJS.Signals) => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, by);
      } catch {
        // The group is already gone.
      }
    };
    const end = (because: NonNullable<typeof stop>, by: NodeJS.Signals) => {
      if (stop !== undefined) return;
      stop = because;
      killGroup(by);
      grace = setTimeout(() => killGroup("SIGKILL"), graceMs);
    };
    const onAbort = () => end({ because: "abort" }, killSignal);
    const deadline = setTimeout(() => end({ because: "deadline" }, killSignal), deadlineMs);
    signal.addEventListener("abort", onAbort, { once: true });

    const listen = (stream: NodeJS.ReadableStream, into: ReturnType<typeof sink>) => {
      stream.on("data", (chunk: Buffer) => {
        if (stop !== undefined && stop.because !== "abort") return;
        try {
          if (!into.add(chunk)) end({ because: "output" }, "SIGKILL");
        } catch (thrown) {
          end({ because: "listener", thrown }, "SIGKILL");
        }
      });
    };
    listen(child.stdout, stdout);
    listen(child.stderr, stderr);
    // A program that exits without reading its input closes the pipe; its exit code says the rest.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");

    const settle = () => {
      clearTimeout(deadline);
      clearTimeout(grace);
      clearTimeout(drain);
      signal.removeEventListener("abort", onAbort);
    };
    child.once("error", (error) => {
      settle();
      reject(new ProgramError("missing", `${command} cannot be started: ${error.message}`, ""));
    });
    child.once("exit", () => {
      killGroup("SIGKILL");
      drain = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, drainMs);
    });
    child.once("close", (code, exitSignal) => {
      settle();
      try {
        const written = { stdout: stdout.end(stop === undefined), stderr: stderr.end(stop === undefined) };
        if (stop?.because === "abort") reject(signal.reason);
        else if (stop?.because === "listener") reject(stop.thrown);
        else if (stop?.because === "deadline") {
          reject(new ProgramError("deadline", `${command} took longer than ${deadlineMs} ms`, written.stderr));
        } else if (stop?.because === "output") {
          reject(new ProgramError("output", `${command} wrote more than ${limit} bytes`, written.stderr));
        } else {
          const signalNumber = exitSignal === null ? 0 : (osConstants.signals[exitSignal] ?? 0);
          resolve({ ...written, code: code ?? 128 + signalNumber });
        }
      } catch (thrown) {
        reject(thrown);
      }
    });
  });
}
