// `npm run demo`: the lab, the story on it, a table. `--keep` leaves everything open until Ctrl-C.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { labPaths } from "../lab/paths.ts";
import { readLabStatus } from "../lab/status.ts";
import { printSteps, table } from "./steps.ts";
import { tellStory } from "./story.ts";

const lab = join(dirname(fileURLToPath(import.meta.url)), "..", "lab", "main.ts");

function runLab(...args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [lab, ...args], { stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

async function demo(options: { keep?: boolean; json?: string; yes?: boolean }): Promise<number> {
  const steps = printSteps();
  const wasRunning = (await readLabStatus()) !== undefined;
  const interrupted = new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });

  let code = 0;
  try {
    const status = await steps.run(
      "The lab is up: Kubernetes, BuildKit, registry, Redis, GitHub, Greenroom",
      async () => {
        if (!wasRunning && (await runLab("up", "--detach", ...(options.yes === true ? ["--yes"] : []))) !== 0) {
          throw new Error("the lab did not start; its messages are above");
        }
        const value = await readLabStatus();
        if (value === undefined) throw new Error("the lab says nothing of itself; try `npm run lab -- status`");
        return { value, detail: wasRunning ? "it was running already" : "" };
      },
    );
    const open = await Promise.race([tellStory(status, steps), interrupted.then(() => undefined)]);
    if (open === undefined) {
      code = 130;
    } else {
      console.log(`\n${closing(steps.done, wasRunning)}`);
      if (options.keep === true) {
        console.log(`\nOpen until Ctrl-C:\n  ${open.pr.url}\n  ${open.url}`);
        // Waiting for a signal alone does not keep a process alive.
        const alive = setInterval(() => undefined, 60_000);
        await interrupted;
        clearInterval(alive);
      }
    }
  } catch (error) {
    console.error(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
    code = 1;
  } finally {
    if (options.json !== undefined) {
      writeFileSync(options.json, `${JSON.stringify({ ok: code === 0, steps: steps.done }, null, 2)}\n`);
    }
    if (!wasRunning) await runLab("down");
  }
  return code;
}

function closing(done: readonly { name: string; seconds: number }[], wasRunning: boolean): string {
  const rows = [
    ["step", "seconds"],
    ...done.map(({ name, seconds }) => [name, seconds.toFixed(1)]),
    ["all of it", done.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1)],
  ];
  return [
    table(rows),
    "",
    "Try next: `npm run demo -- --keep`, open the pull request in a browser, and push a change with its button.",
    wasRunning
      ? "The lab was running before and still is; `npm run lab -- down` stops it."
      : "The lab is stopped again and has left nothing running.",
    `To remove everything: \`rm -rf ${labPaths().cache}\` deletes the built programs and images.`,
  ].join("\n");
}

const options = new Command("demo")
  .description("Shows the main job on real parts, from a pull request to its URL and back to nothing.")
  .option("--keep", "leave the pull request and the preview open until Ctrl-C")
  .option("--json <file>", "write the steps and their times to a file")
  .option("--yes", "do not ask before installing and building")
  .parse()
  .opts<{ keep?: boolean; json?: string; yes?: boolean }>();
process.exitCode = await demo(options);
