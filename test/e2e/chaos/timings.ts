import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { table } from "../../../infra/local/demo/steps.ts";

/** One fault: what it did to the time in which the right state is reached, in seconds. */
export type Timing = {
  fault: string;
  /** From the change to its right state with nothing in the way. */
  undisturbed: number;
  /** The same with the fault. */
  disturbed: number;
  /** From the fault to the moment at which the work goes on. */
  again?: number;
  note?: string;
};

/** Beside the coverage, where whatever a test run finds out is kept. */
export const timingsFile = join(import.meta.dirname, "../../../coverage/recovery.json");

/** Prints the table and keeps it as JSON. */
export async function report(timings: readonly Timing[]): Promise<void> {
  const rows = timings.map(({ fault, undisturbed, disturbed, again, note }) => [
    fault,
    undisturbed.toFixed(1),
    disturbed.toFixed(1),
    again?.toFixed(1) ?? "",
    note ?? "",
  ]);
  console.log(
    `\n${table([["seconds until it is right", "undisturbed", "with the fault", "goes on after", ""], ...rows])}\n`,
  );
  await mkdir(join(timingsFile, ".."), { recursive: true });
  await writeFile(timingsFile, `${JSON.stringify(timings, null, 2)}\n`);
}
