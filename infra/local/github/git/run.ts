import { spawn } from "node:child_process";

export interface GitRun {
  readonly input?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  /** Exit codes that are answers rather than failures; 0 alone unless told. */
  readonly accept?: readonly number[];
}

export interface GitOutput {
  readonly code: number;
  readonly bytes: Buffer;
  readonly text: string;
}

export class GitFailure extends Error {
  readonly code: number | null;
  constructor(args: readonly string[], code: number | null, stderr: string) {
    super(`git ${args.join(" ")} ended with ${code}: ${stderr.trim()}`);
    this.name = "GitFailure";
    this.code = code;
  }
}

const deadline = 60_000;

/** Git without the machine's or the user's configuration, and without asking anybody anything. */
export const gitEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "safe.directory",
  GIT_CONFIG_VALUE_0: "*",
  LC_ALL: "C.UTF-8",
};

/** Runs git in a bare repository and collects what it prints. */
export function git(folder: string, args: readonly string[], run: GitRun = {}): Promise<GitOutput> {
  const child = spawn("git", [...args], {
    cwd: folder,
    env: { ...gitEnvironment, ...run.environment },
    signal: AbortSignal.timeout(deadline),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const out: Buffer[] = [];
  const problems: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => problems.push(chunk));
  // Git may answer before it has read all of its input; what it says then is in its exit code.
  child.stdin.on("error", () => undefined);
  child.stdin.end(run.input ?? "");
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === null || !(run.accept ?? [0]).includes(code)) {
        reject(new GitFailure(args, code, Buffer.concat(problems).toString()));
        return;
      }
      const bytes = Buffer.concat(out);
      resolve({ code, bytes, text: bytes.toString() });
    });
  });
}
