import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { type Round, round } from "./round.ts";

/** Rounds of all compared pushes, and rounds whose preview does not want to stop. */
const played = z.object({ rounds: z.array(round), deaf: z.array(round) });
export type Played = z.infer<typeof played>;

/** What was played so far. Each round is in the file, if there is one, as soon as it was played. */
export async function openPlayed(
  file: string | undefined,
): Promise<Played & { add(kind: keyof Played, round: Round): Promise<void> }> {
  const kept = file === undefined ? { rounds: [], deaf: [] } : await read(file);
  return {
    ...kept,
    async add(kind, added) {
      kept[kind].push(added);
      if (file !== undefined) await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`);
    },
  };
}

async function read(file: string): Promise<Played> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? { rounds: [], deaf: [] } : played.parse(JSON.parse(text));
}
