import { readFileSync } from "node:fs";
import { z } from "zod";
import {
  type Board,
  boardLines,
  measured,
  remainingSeconds,
  type Step,
  type StepPlan,
  type StepState,
  stepLine,
  summaryLine,
  withMemory,
} from "./board.ts";
import { writeAtomically } from "./files.ts";

/** Where the board is shown to a person: process.stderr, or a recorder in tests. */
export type Screen = {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
};

export type BoardOptions = {
  /** The board for others to read, such as the stand-in GitHub's page. */
  readonly file: string;
  /** Seconds measured in earlier runs, kept in the cache. */
  readonly memoryFile: string;
  readonly screen: Screen;
  readonly now?: () => number;
};

/** What a piece of work may say about itself while it runs. */
export type StepReport = {
  detail(line: string): void;
  fraction(part: number): void;
  /** Nothing had to be done. */
  cached(): void;
};

export type ProgressBoard = {
  plan(steps: readonly StepPlan[]): void;
  /** Run a step: running, then done, cached or failed. */
  run<T>(id: string, work: (report: StepReport) => Promise<T>): Promise<T>;
  snapshot(): Board;
  /** Remember the measured times and stop writing. */
  close(): void;
};

type Entry = StepPlan & {
  state: StepState;
  startedAt: number | null;
  endedAt: number | null;
  fraction: number | null;
  detail: string;
};

const fileThrottleMs = 250;
const heartbeatMs = 15_000;
const memorySchema = z.record(z.string(), z.number());

function readMemory(path: string): Record<string, number> {
  try {
    return memorySchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // Missing or damaged: the announced expectations are good enough.
    return {};
  }
}

function lastLine(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.replaceAll(/\p{Cc}/gu, "").trim());
  return (lines.findLast((line) => line !== "") ?? "").slice(0, 300);
}

/** A board that writes itself to a file and to a screen while work is going on. */
export function createBoard(options: BoardOptions): ProgressBoard {
  const now = options.now ?? Date.now;
  const began = now();
  const memory = readMemory(options.memoryFile);
  const entries = new Map<string, Entry>();
  let drawn = 0;
  let closed = false;
  let lastSaid = began;
  let pending: NodeJS.Timeout | null = null;

  const step = (entry: Entry): Step => ({
    id: entry.id,
    title: entry.title,
    lane: entry.lane,
    state: entry.state,
    startedAt: entry.startedAt === null ? null : new Date(entry.startedAt).toISOString(),
    seconds: entry.startedAt === null ? 0 : ((entry.endedAt ?? now()) - entry.startedAt) / 1000,
    expectedSeconds: entry.expectedSeconds,
    fraction: entry.fraction,
    detail: entry.detail,
  });
  const snapshot = (): Board => {
    const steps = [...entries.values()].map(step);
    return {
      startedAt: new Date(began).toISOString(),
      updatedAt: new Date(now()).toISOString(),
      elapsedSeconds: Math.round((now() - began) / 1000),
      remainingSeconds: remainingSeconds(steps),
      steps,
    };
  };

  const draw = (board: Board): void => {
    const lines = boardLines(board, options.screen.columns);
    const up = drawn === 0 ? "" : `\u001b[${drawn}A`;
    options.screen.write(`${up}${lines.map((line) => `\u001b[2K${line}\n`).join("")}`);
    drawn = lines.length;
  };
  const flush = (): void => {
    if (pending !== null) clearTimeout(pending);
    pending = null;
    const board = snapshot();
    writeAtomically(options.file, `${JSON.stringify(board, null, 2)}\n`);
    if (options.screen.isTTY) draw(board);
  };
  const touch = (): void => {
    if (!closed) pending ??= setTimeout(flush, fileThrottleMs);
  };
  const say = (line: string): void => {
    lastSaid = now();
    if (!options.screen.isTTY) options.screen.write(`${line}\n`);
  };
  const heartbeat = setInterval(() => {
    const busy = [...entries.values()].some((entry) => entry.state === "running");
    if (!busy) return;
    if (now() - lastSaid >= heartbeatMs - 1000) say(summaryLine(snapshot()));
    touch();
  }, 1000);
  heartbeat.unref();

  const known = (id: string): Entry => {
    const entry = entries.get(id);
    if (entry === undefined) throw new Error(`The board has no step "${id}".`);
    return entry;
  };
  const end = (entry: Entry, state: StepState): void => {
    entry.state = state;
    entry.endedAt = now();
    if (state !== "failed") entry.detail = "";
    say(stepLine(step(entry)));
    flush();
  };

  return {
    plan(steps) {
      for (const plan of withMemory(steps, memory)) {
        entries.set(plan.id, { ...plan, state: "waiting", startedAt: null, endedAt: null, fraction: null, detail: "" });
      }
      flush();
    },
    async run(id, work) {
      const entry = known(id);
      let cached = false;
      Object.assign(entry, { state: "running", startedAt: now(), endedAt: null, fraction: null, detail: "" });
      say(stepLine(step(entry)));
      touch();
      try {
        const result = await work({
          detail: (text) => {
            entry.detail = lastLine(text);
            touch();
          },
          fraction: (part) => {
            entry.fraction = Math.min(1, Math.max(0, part));
            touch();
          },
          cached: () => {
            cached = true;
          },
        });
        end(entry, cached ? "cached" : "done");
        return result;
      } catch (error) {
        entry.detail = lastLine(error instanceof Error ? error.message : String(error));
        end(entry, "failed");
        throw error;
      }
    },
    snapshot,
    close() {
      closed = true;
      clearInterval(heartbeat);
      flush();
      writeAtomically(options.memoryFile, `${JSON.stringify(measured(snapshot().steps, memory), null, 2)}\n`);
    },
  };
}
