import { runCommand } from "../supply/command.ts";

export type RunOptions = {
  readonly input?: string;
  /** Default 60. */
  readonly seconds?: number;
  readonly signal?: AbortSignal | undefined;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
};

/** Runs a short program to its end and returns what it printed. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { stdout } = await runCommand(command, args, {
    signal: options.signal ?? new AbortController().signal,
    timeoutSeconds: options.seconds ?? 60,
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.env === undefined ? {} : { env: { ...process.env, ...options.env } }),
  });
  return stdout;
}
