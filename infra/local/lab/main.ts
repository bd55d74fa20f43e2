import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { binarySource } from "../supply/binaries.ts";
import { askRestart } from "./control.ts";
import { down } from "./down.ts";
import { type ForeignFlags, foreignFrom, WrongFlags } from "./foreign-flags.ts";
import { labPaths } from "./paths.ts";
import { showStatus } from "./show-status.ts";
import { up } from "./up.ts";

/** Exit code where the command is used wrongly; sysexits' EX_USAGE. */
const misused = 64;

const program = new Command("lab")
  .description("A whole Kubernetes with everything Greenroom needs, on this machine.")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : misused));

program
  .command("up")
  .description("start the lab and keep it running until Ctrl-C")
  .option("--detach", "return when it is ready; it goes on in the background", false)
  .option("--yes", "do not ask before installing and building", false)
  .option("--port-offset <n>", "move the ports on 127.0.0.1 by so many", integer, 0)
  .option("--context <name>", "use the cluster of this kubeconfig context instead of one of the lab's own")
  .option("--registry <host/prefix>", "where that cluster pulls images from, and Greenroom pushes them to")
  .option("--registry-auth <file>", "Docker config.json with that registry's credentials", file)
  .option("--registry-pull-auth <file>", "the same with credentials that may only pull, for previews", file)
  .option("--buildkit <address>", "a BuildKit of yours; without it, the lab runs one")
  .option(
    "--binaries <url>",
    "take pinned official releases from a mirror, or `official`, instead of compiling",
    releases,
  )
  .option("--binaries-pins <file>", "checksums of those releases, instead of the ones known here", file)
  .action(async (options: UpFlags) => {
    process.exitCode = await up({ ...options, foreign: foreignOrExit(options) }, labPaths());
  });

program
  .command("status")
  .description("say whether the lab runs, and how to use it")
  .option("--json", "as JSON", false)
  .action(async (options: { json: boolean }) => {
    process.exitCode = await showStatus(options, labPaths());
  });

program
  .command("restart")
  .description("start a service of the running lab anew, such as greenroom after a change to its code")
  .argument("<service>", "its name, or the beginning of several up to a dash")
  .action(async (service: string) => {
    console.log((await askRestart(labPaths(), service)).map((name) => `${name} runs anew`).join("\n"));
  });

program
  .command("down")
  .description("stop the lab and remove everything but the cache of built programs and images")
  .action(async () => {
    process.exitCode = await down(labPaths());
  });

try {
  await program.parseAsync();
} catch (error) {
  // Whoever uses the lab needs what went wrong; where in our code, only with DEBUG set.
  console.error(process.env["DEBUG"] || !(error instanceof Error) ? error : error.message);
  process.exitCode = 1;
}

type UpFlags = ForeignFlags & {
  detach: boolean;
  yes: boolean;
  portOffset: number;
  binaries?: string;
  binariesPins?: string;
};

function foreignOrExit(flags: UpFlags): ReturnType<typeof foreignFrom> {
  try {
    return foreignFrom(flags);
  } catch (error) {
    if (error instanceof WrongFlags) return program.error(error.message);
    throw error;
  }
}

function file(text: string): string {
  if (!existsSync(text)) throw new InvalidArgumentError("there is no such file");
  return resolve(text);
}

function releases(text: string): string {
  try {
    binarySource(text, {});
    return text;
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 50_000) throw new InvalidArgumentError("not a number of ports");
  return value;
}
