import { mkdirSync, readFileSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { z } from "zod";
import type { Board } from "../../../supply/board.ts";

const step = z.object({
  id: z.string(),
  title: z.string(),
  lane: z.string(),
  state: z.enum(["waiting", "running", "done", "failed", "cached"]),
  startedAt: z.string().nullable(),
  seconds: z.number(),
  expectedSeconds: z.number(),
  fraction: z.number().nullable(),
  detail: z.string(),
});

const board = z.object({
  startedAt: z.string(),
  updatedAt: z.string(),
  elapsedSeconds: z.number(),
  remainingSeconds: z.number(),
  steps: z.array(step),
});

/** The lab's progress as its file says, or undefined while there is none that can be read. */
export function readBoard(file: string): Board | undefined {
  try {
    return board.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Calls back when the file may have changed; it need not be there yet. Returns how to stop that. */
export function watchBoard(file: string, changed: () => void): () => void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true });
  // The folder is watched, since the file is replaced and not written to.
  const watcher = watch(folder, (_, name) => {
    if (name === null || name === basename(file)) changed();
  });
  watcher.on("error", () => watcher.close());
  return () => watcher.close();
}
