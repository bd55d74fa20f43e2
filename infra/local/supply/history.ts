import { z } from "zod";
import { runCommand } from "./command.ts";

/** A build as BuildKit itself remembers it; times are milliseconds. */
export type Solve = {
  readonly ref: string;
  /** Names of the image it exported, with registry and tag. */
  readonly images: readonly string[];
  readonly started: number;
  /** null while it runs. */
  readonly ended: number | null;
  /** Whether it ended without a result: it failed or was cancelled. */
  readonly failed?: true;
};

const time = z.object({ seconds: z.number().default(0), nanos: z.number().default(0) });
const entry = z.object({
  record: z.object({
    Ref: z.string(),
    Exporters: z.array(z.object({ Attrs: z.record(z.string(), z.string()).default({}) })).default([]),
    CreatedAt: time,
    CompletedAt: time.optional(),
    error: z.looseObject({}).optional(),
  }),
});

const milliseconds = ({ seconds, nanos }: z.infer<typeof time>): number => seconds * 1000 + nanos / 1e6;

/** Read `buildctl debug histories --format '{{json .}}'`. */
export function parseHistory(output: string): Solve[] {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const { record } = entry.parse(JSON.parse(line));
    return {
      ref: record.Ref,
      images: record.Exporters.flatMap(({ Attrs }) => (Attrs["name"] ?? "").split(",").filter((name) => name !== "")),
      started: milliseconds(record.CreatedAt),
      ended: record.CompletedAt === undefined ? null : milliseconds(record.CompletedAt),
      ...(record.error !== undefined && { failed: true as const }),
    };
  });
}

/** Every build BuildKit remembers: the proof of what was built, and what ran at the same time. */
export async function solves(buildctl: string, address: string, signal: AbortSignal): Promise<Solve[]> {
  const args = ["--addr", address, "debug", "histories", "--format", "{{json .}}"];
  return parseHistory((await runCommand(buildctl, args, { signal, timeoutSeconds: 30 })).stdout);
}
