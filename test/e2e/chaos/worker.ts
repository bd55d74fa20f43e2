import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";

const said = z.looseObject({ msg: z.string(), preview: z.string().optional(), intent: z.string().optional() });

/** A line of a worker's log and when it came, as `performance.now()` has it. */
export type Line = z.infer<typeof said> & { at: number };

/** How the lab starts its worker. */
export type WorkerCommand = { args: readonly string[]; env: Readonly<Record<string, string>> };

/** A worker process of Greenroom, set up like the lab's own but with a disk of its own, as a pod has it. */
export class WorkerProcess {
  readonly lines: Line[] = [];
  readonly #child: ChildProcess;
  readonly #data: string;
  readonly #listeners = new Set<() => void>();
  #ended = false;

  private constructor(child: ChildProcess, data: string) {
    this.#child = child;
    this.#data = data;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on("line", (line) => this.#hear(line));
    }
    child.once("exit", () => {
      this.#ended = true;
      this.#tell();
    });
  }

  /** Resolves when it takes jobs. */
  static async start({ args, env }: WorkerCommand): Promise<WorkerProcess> {
    const data = await mkdtemp(join(tmpdir(), "greenroom-chaos-"));
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...args], {
      cwd: "/",
      env: { ...env, GREENROOM_DATA_DIR: data },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const worker = new WorkerProcess(child, data);
    await worker.says("that it has started", 30, ({ msg }) => msg === "started");
    return worker;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the worker was never started");
    return this.#child.pid;
  }

  /** The first line that matches and came not before a moment. */
  async says(what: string, seconds: number, matches: (line: Line) => boolean, since = 0): Promise<Line> {
    const ask = () => this.lines.find((line) => line.at >= since && matches(line));
    return await new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        settle();
      };
      const tail = () =>
        this.lines
          .slice(-15)
          .map((line) => JSON.stringify(line))
          .join("\n");
      const fail = (how: string) => done(() => reject(new Error(`a worker ${how} without saying ${what}:\n${tail()}`)));
      const look = () => {
        const found = ask();
        if (found !== undefined) done(() => resolve(found));
        else if (this.#ended) fail("ended");
      };
      const timer = setTimeout(() => fail(`waited ${seconds} s`), seconds * 1_000);
      this.#listeners.add(look);
      look();
    });
  }

  /** Resolves when it has begun to work on a pull request. */
  async takes(key: string, seconds: number, since = 0): Promise<Line> {
    return await this.says(`that it works on ${key}`, seconds, (line) => isDecision(line, key), since);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it and resolves with the seconds that took and with its exit code, null where the signal ended it. */
  async end(by: "SIGTERM" | "SIGKILL"): Promise<{ seconds: number; code: number | null }> {
    const started = performance.now();
    if (!this.#ended) {
      const exit = once(this.#child, "exit");
      this.signal(by);
      await exit;
    }
    await rm(this.#data, { recursive: true, force: true });
    return { seconds: (performance.now() - started) / 1_000, code: this.#child.exitCode };
  }

  #hear(text: string): void {
    const line = said.safeParse(json(text)).data ?? { msg: text };
    this.lines.push({ ...line, at: performance.now() });
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Whether the line says what is to be done about a pull request. */
export function isDecision(line: Line, key: string, intent?: string): boolean {
  return line.msg === "decided" && line.preview === key && (intent === undefined || line.intent === intent);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
