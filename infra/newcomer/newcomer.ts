import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, realpath, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { machine } from "../../test/bench/machine.ts";
import { goSettings, newcomerEnvironment, type Places, placesBelow, registrySettings } from "./environment.ts";
import { cleanUp, keepLogs } from "./clean-up.ts";
import { followCommand } from "./follow-command.ts";
import { leftBehind } from "./left-behind.ts";
import { type ReadmeCommand, readmeCommands } from "./readme-commands.ts";
import { type CommandReport, isGood, type NewcomerReport } from "./report.ts";
import { installedPackages, takeSnapshot } from "./snapshot.ts";

const run = promisify(execFile);

export type NewcomerOptions = {
  /** The checkout whose committed state is cloned. */
  root: string;
  only?: string;
  /** Runs a harmless command instead of each of the README's. */
  dryRun: boolean;
  say: (line: string) => void;
  signal: AbortSignal;
};

/** Does what the README tells a newcomer to do, in a clone and a home of their own, and removes both. */
export async function beNewcomer(options: NewcomerOptions): Promise<NewcomerReport> {
  const { root, say, signal } = options;
  const mark = `newcomer-${process.pid}-${Date.now()}`;
  const places = placesBelow(await realpath(await mkdtemp(join(tmpdir(), "gr-"))));
  const commands: CommandReport[] = [];
  const packages = new Set(await installedPackages());
  try {
    const env = await moveIn(places, mark);
    const commit = await clone(root, places, env, say);
    for (const command of await chosen(places, options)) {
      signal.throwIfAborted();
      commands.push(await follow(command, places, env, mark, options));
    }
    const ok = isGood(commands);
    if (!ok) say(`The logs are in ${await keepLogs(places)}.`);
    const installed = (await installedPackages()).filter((name) => !packages.has(name));
    return { ok, commit, machine: machine(), commands, packages: installed };
  } finally {
    say(`Removing ${places.folder} …`);
    await cleanUp(places, mark);
  }
}

/** Makes the folders and the little configuration without which this machine reaches no registry. */
async function moveIn(places: Places, mark: string): Promise<NodeJS.ProcessEnv> {
  for (const folder of [places.home, places.temporary, places.logs]) await mkdir(folder, { mode: 0o700 });
  const npmrc = await readFile(join(homedir(), ".npmrc"), "utf8").catch(() => "");
  await writeFile(join(places.home, ".npmrc"), registrySettings(npmrc));
  const go = await run("go", ["env", "-json", ...goSettings]);
  return newcomerEnvironment(process.env, places, z.record(z.string(), z.string()).parse(JSON.parse(go.stdout)), mark);
}

/** Clones what is committed, as over a network: without sharing any object. Returns the commit. */
async function clone(
  root: string,
  places: Places,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<string> {
  const { stdout: changes } = await run("git", ["-C", root, "status", "--porcelain"]);
  const uncommitted = changes.split("\n").filter((line) => line !== "").length;
  if (uncommitted > 0) say(`${uncommitted} files are changed and not committed; a newcomer does not see that.`);
  await run("git", ["clone", "--quiet", "--no-local", root, places.clone], { env });
  return (await run("git", ["-C", places.clone, "rev-parse", "HEAD"], { env })).stdout.trim();
}

async function chosen(places: Places, { only, dryRun }: NewcomerOptions): Promise<ReadmeCommand[]> {
  const all = readmeCommands(await readFile(join(places.clone, "README.md"), "utf8"));
  const wanted = all.filter(({ name }) => only === undefined || name === only);
  if (wanted.length === 0) {
    throw new Error(`the README has no command ${only}, but ${all.map(({ name }) => name).join(", ")}`);
  }
  const harmless = "`Node ${process.version} at home in ${process.env.HOME}`";
  return dryRun ? wanted.map(({ name }) => ({ name, program: "node", args: ["--print", harmless] })) : wanted;
}

async function follow(
  { name, program, args }: ReadmeCommand,
  places: Places,
  env: NodeJS.ProcessEnv,
  mark: string,
  { say, signal }: NewcomerOptions,
): Promise<CommandReport> {
  const command = [program, ...args].join(" ");
  const before = await takeSnapshot(places, mark);
  say(`$ ${command}`);
  const followed = await followCommand(program, args, {
    cwd: places.clone,
    env,
    prefix: `${name} │ `,
    logFile: join(places.logs, `${name}.log`),
    show: say,
    signal,
  });
  return { name, command, ...followed, leftBehind: await leftBehind(places, mark, before) };
}
