// `npm run bench -- NAME`: measures one thing beside its peer, prints a table, and writes it with `--json FILE`.
import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import type { Bench } from "./bench.ts";
import { deployBench } from "./deploy/bench.ts";
import { fairnessBench } from "./fairness/bench.ts";
import { gitHubCallsBench } from "./github-calls/bench.ts";
import { resyncBench } from "./resync/bench.ts";
import { machine } from "./machine.ts";
import { json, missed, printed, type Report } from "./report.ts";

const benches: readonly Bench[] = [deployBench, fairnessBench, gitHubCallsBench, resyncBench];

const program = new Command("bench")
  .description("Measures Greenroom on the running lab, side by side with what it is compared to.")
  .showHelpAfterError();
for (const bench of benches) {
  program
    .command(bench.name)
    .description(bench.about)
    .option("--runs <n>", "how often everything is measured; the report has the medians", positive, 5)
    .option("--json <file>", "write the figures to a file")
    .option("--keep <file>", "keep what was measured in a file, and go on from what is in it")
    .action(async (options: Options) => {
      process.exitCode = await run(bench, options);
    });
}
await program.parseAsync();

type Options = { runs: number; json?: string; keep?: string };

/** Returns the exit code: 0 only if everything was measured and every goal is met. */
async function run(bench: Bench, { runs, json: file, keep }: Options): Promise<number> {
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => interrupted.abort(new Error("interrupted")));
  }
  try {
    const rows = await bench.measure({
      runs,
      signal: interrupted.signal,
      say: (line) => console.error(line),
      ...(keep === undefined ? {} : { keep }),
    });
    const report: Report = { bench: bench.name, machine: machine(), rows };
    console.log(`\n${printed(report)}\n\n${bench.notes.join("\n")}`);
    if (file !== undefined) writeFileSync(file, json(report));
    const without = missed(rows);
    if (without.length > 0) console.log(`\nGoals missed: ${without.join("; ")}.`);
    return without.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(`✗ ${error instanceof Error ? error.message : String(error)}`);
    return interrupted.signal.aborted ? 130 : 1;
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It has to be a whole number above 0.");
  return value;
}
