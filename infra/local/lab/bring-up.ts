import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { binarySource, pinsFile, readPins } from "../supply/binaries.ts";
import type { StepPlan } from "../supply/board.ts";
import { createBoard } from "../supply/board-writer.ts";
import { installPackages } from "../supply/debian.ts";
import { redisService } from "../supply/redis.ts";
import { seedSteps } from "../supply/seed.ts";
import { toolsArchive, unpackTools } from "../supply/tools.ts";
import { authority, labEndpoints } from "./endpoints.ts";
import { foreignCluster } from "./foreign-cluster.ts";
import { greenroomServices } from "./greenroom.ts";
import { installChart } from "./install.ts";
import type { Orders } from "./messages.ts";
import { packagesFor, programsFor } from "./needs.ts";
import { ownCluster } from "./own-cluster.ts";
import type { LabPaths } from "./paths.ts";
import { compiler, type Stage, type Target, type Tools } from "./stage.ts";
import { standIn } from "./stand-in.ts";
import { writeStatus } from "./status.ts";
import type { Supervisor } from "./supervisor.ts";

export type Lab = {
  readonly orders: Orders;
  readonly paths: LabPaths;
  readonly supervisor: Supervisor;
  readonly say: (text: string) => void;
};

const first: readonly StepPlan[] = [
  { id: "github", title: "GitHub stand-in", lane: "main", expectedSeconds: 2 },
  { id: "packages", title: "Debian packages", lane: "main", expectedSeconds: 30 },
  { id: "tools", title: "helm and kubectl", lane: "main", expectedSeconds: 1 },
];
const buildctl: StepPlan = { id: "buildkit", title: "Compile BuildKit", lane: "main", expectedSeconds: 130 };
const builder: readonly StepPlan[] = [
  { id: "builder", title: "Registry and BuildKit", lane: "images", expectedSeconds: 3 },
  ...seedSteps(),
];
const cluster: readonly StepPlan[] = [
  { id: "kubernetes", title: "Compile Kubernetes", lane: "main", expectedSeconds: 420 },
  { id: "coredns", title: "Compile CoreDNS", lane: "main", expectedSeconds: 60 },
  { id: "cluster", title: "Start Kubernetes", lane: "main", expectedSeconds: 10 },
  { id: "check", title: "A pod runs, with DNS, logs and a volume", lane: "main", expectedSeconds: 8 },
];
const context: StepPlan = { id: "context", title: "Reach your cluster", lane: "main", expectedSeconds: 1 };
const last: StepPlan = { id: "greenroom", title: "Greenroom", lane: "main", expectedSeconds: 4 };

/** The board's steps for these orders, in the order that keeps people from staring at nothing. */
function stepsFor({ foreign }: Orders): StepPlan[] {
  if (!foreign) return [...first, buildctl, ...builder, ...cluster, last];
  return [...first, context, buildctl, ...(foreign.buildkit === undefined ? builder : []), last];
}

/**
 * Everything from an empty state to a ready lab: first the page that shows the rest, then what
 * builds need, base images while Kubernetes compiles, the cluster, Greenroom.
 */
export async function bringUp(lab: Lab, signal: AbortSignal): Promise<void> {
  const { orders, paths, supervisor } = lab;
  const screen = { ...orders.screen, write: lab.say };
  const board = createBoard({ file: paths.board, memoryFile: join(paths.cache, "times.json"), screen });
  board.plan(stepsFor(orders));
  // One part that fails ends the others: nobody waits minutes for a lab that cannot come up.
  const failed = new AbortController();
  const endpoints = labEndpoints(paths, orders.portOffset);
  const bare = { paths, endpoints, supervisor, board, signal: AbortSignal.any([signal, failed.signal]) };
  try {
    const { binaries, binariesPins = pinsFile } = orders;
    const source = binaries === undefined ? undefined : binarySource(binaries, await readPins(binariesPins));
    const stage: Stage = { ...bare, compile: await compiler(bare, programsFor(orders), source) };
    await board.run("github", () => supervisor.start(standIn(paths, endpoints), stage.signal));
    lab.say(`  Watch it come up at http://${authority(endpoints.standIn)}/-/lab\n`);
    const tools = await supply(stage, orders);
    const target = orders.foreign
      ? await foreignCluster(stage, tools, orders.foreign)
      : await ownCluster(stage, tools, failed);
    await board.run("greenroom", () => startGreenroom(stage, target));
    writeStatus(paths, endpoints, target, await linkTools(paths, { ...tools, buildctl: target.buildctl }));
  } finally {
    board.close();
  }
}

async function supply({ board, paths, signal }: Stage, orders: Orders): Promise<Tools> {
  await board.run("packages", (report) => installPackages(packagesFor(orders), { report, signal }));
  const folder = await board.run("tools", (report) => unpackTools(toolsArchive(), { cache: paths.cache, report }));
  return { kubectl: join(folder, "kubectl"), helm: join(folder, "helm") };
}

async function startGreenroom({ paths, endpoints, supervisor, signal }: Stage, target: Target): Promise<void> {
  await supervisor.start(await redisService({ state: paths.state, listen: endpoints.redis }), signal);
  await installChart(target.admin, target.dial, signal);
  for (const service of await greenroomServices(paths, endpoints, target, signal)) {
    await supervisor.start(service, signal);
  }
}

/** Links the tools under their usual names into one folder, for people's PATH. */
async function linkTools<T extends Record<string, string>>(paths: LabPaths, tools: T): Promise<T> {
  await mkdir(paths.bin, { recursive: true });
  const links: Record<string, string> = {};
  for (const [name, program] of Object.entries(tools)) {
    links[name] = join(paths.bin, name);
    await symlink(program, join(paths.bin, name));
  }
  return { ...tools, ...links };
}
