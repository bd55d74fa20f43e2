// `npm run newcomer`: what happens to somebody who clones this repository and types the README's commands. They run
// one after another in a temporary clone of the committed state, with a home, caches and an environment of their own;
// only proxies, certificate authorities and where the registries are is taken over from this machine.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { holderOfLock, machineLock } from "../local/lab/lock.ts";
import { beNewcomer } from "./newcomer.ts";
import { printed } from "./report.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

type Options = { only?: string; json?: string; dryRun?: boolean };

async function newcomer({ only, json, dryRun = false }: Options): Promise<number> {
  const lab = await holderOfLock(machineLock);
  if (lab !== undefined && !dryRun) {
    console.error(`A lab is running (pid ${lab.pid}, state in ${lab.state}); end it first: npm run lab -- down`);
    return 69;
  }
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => interrupted.abort(new Error("interrupted")));
  }
  try {
    const options = { root, dryRun, say: (line: string) => console.error(line), signal: interrupted.signal };
    const report = await beNewcomer({ ...options, ...(only === undefined ? {} : { only }) });
    console.log(`\n${printed(report)}`);
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
    if (interrupted.signal.aborted) return 130;
    return report.ok ? 0 : 1;
  } catch (error) {
    console.error(`✗ ${error instanceof Error ? error.message : String(error)}`);
    return interrupted.signal.aborted ? 130 : 1;
  }
}

const options = new Command("newcomer")
  .description("Runs the README's commands from nothing: a temporary clone, home, caches and environment.")
  .option("--only <name>", "one of the commands alone: demo or test")
  .option("--json <file>", "write the figures to a file")
  .option("--dry-run", "run a harmless command instead of each")
  .parse()
  .opts<Options>();
process.exitCode = await newcomer(options);
