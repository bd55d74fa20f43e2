// `npm test`: everything, in the order in which failures are cheapest to find. Unit, contract and model tests need nothing;
// integration and end-to-end tests run on the lab, which is started here unless one is running, and stopped again then.
// With the argument `chaos` only what takes the lab's parts away, which is not in the rest.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { readLabStatus } from "../infra/local/lab/status.ts";
import { installPackages, labPackages, missingPackages, pageTestPackages } from "../infra/local/supply/debian.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const reports = mkdtempSync(join(tmpdir(), "greenroom-test-"));

const vitestReport = z.object({ numPassedTests: z.int(), numFailedTests: z.int(), numPendingTests: z.int() });

type Counts = { passed: number; failed: number; skipped: number };

function run(command: string, args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

async function vitest(projects: string[], coverage: boolean): Promise<Counts> {
  const report = join(reports, `${projects.join("-")}.json`);
  const code = await run("vitest", [
    "run",
    ...projects.flatMap((name) => ["--project", name]),
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...(coverage ? ["--coverage", "--coverage.reporter=text-summary", "--coverage.reporter=lcovonly"] : []),
  ]);
  const result = vitestReport.parse(JSON.parse(readFileSync(report, "utf8")));
  // A file that does not even load has no test in it, and still is a failure.
  const failed = code === 0 ? 0 : Math.max(1, result.numFailedTests);
  return { passed: result.numPassedTests, failed, skipped: result.numPendingTests };
}

/** Redis is for the contract tests, Chromium for those of pages, and the rest for the lab. */
async function installWhatTestsNeed(): Promise<void> {
  const packages = [...Object.keys(labPackages), ...Object.keys(pageTestPackages)];
  const { signal } = new AbortController();
  const missing = await missingPackages(packages, signal);
  if (missing.length === 0) return;
  console.log(`Installing the Debian packages ${missing.join(" ")}.`);
  const report = { detail: () => undefined, fraction: () => undefined, cached: () => undefined };
  await installPackages(packages, { report, signal });
}

async function main(): Promise<number> {
  const started = performance.now();
  await installWhatTestsNeed();
  const chaos = process.argv.includes("chaos");
  const counts = chaos ? [] : [await vitest(["unit", "contract", "model"], true)];
  if (counts.every(({ failed }) => failed === 0)) {
    const running = await readLabStatus();
    if (running === undefined) {
      const code = await run(process.execPath, [join(root, "infra/local/lab/main.ts"), "up", "--detach", "--yes"]);
      if (code !== 0) return code;
    }
    try {
      counts.push(await vitest(chaos ? ["chaos"] : ["integration", "e2e"], false));
    } finally {
      if (running === undefined) await run(process.execPath, [join(root, "infra/local/lab/main.ts"), "down"]);
    }
  }
  const sum = (key: keyof Counts) => counts.reduce((total, one) => total + one[key], 0);
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  console.log(`\nAll of it took ${minutes} minutes.`);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
  return sum("failed") === 0 ? 0 : 1;
}

process.exitCode = await main().finally(() => rmSync(reports, { recursive: true, force: true }));
