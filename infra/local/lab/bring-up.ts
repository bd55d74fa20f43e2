import { existsSync } from "node:fs"; // TEMP
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { pauseImage } from "../supply/base-images.ts";
import type { StepPlan } from "../supply/board.ts";
import { createBoard, type ProgressBoard } from "../supply/board-writer.ts";
import { buildkitService } from "../supply/buildkit.ts";
import { installPackages, labPackages } from "../supply/debian.ts";
import { aptSetup } from "../supply/machine.ts";
import { buildkitProgram, buildProgram } from "../supply/programs.ts";
import { redisService } from "../supply/redis.ts";
import { mirrorStorage, registryCredentials, registryService } from "../supply/registry.ts";
import { seedBaseImages, seedSteps } from "../supply/seed.ts";
import { toolsArchive, unpackTools } from "../supply/tools.ts";
import { detectWayOut } from "../supply/way-out.ts";
import { labCgroup } from "./cgroup.ts";
import { checkCluster } from "./check-cluster.ts";
import { startCluster } from "./cluster.ts";
import { authority, type LabEndpoints, labEndpoints } from "./endpoints.ts";
import { applyManifests, greenroomServices } from "./greenroom.ts";
import type { Orders } from "./messages.ts";
import { makeNetwork } from "./network.ts";
import type { LabPaths } from "./paths.ts";
import { buildkitModule, corednsProgram, kubernetesProgram } from "./programs.ts";
import { standIn } from "./stand-in.ts";
import { writeStatus } from "./status.ts";
import type { Supervisor } from "./supervisor.ts";

export type Lab = {
  readonly orders: Orders;
  readonly paths: LabPaths;
  readonly supervisor: Supervisor;
  readonly say: (text: string) => void;
};

type Stage = Lab & { readonly endpoints: LabEndpoints; readonly board: ProgressBoard; readonly signal: AbortSignal };

const steps: readonly StepPlan[] = [
  { id: "github", title: "GitHub stand-in", lane: "supply", expectedSeconds: 2 },
  { id: "packages", title: "Debian packages", lane: "supply", expectedSeconds: 30 },
  { id: "tools", title: "helm and kubectl", lane: "supply", expectedSeconds: 1 },
  { id: "buildkit", title: "Compile BuildKit", lane: "supply", expectedSeconds: 130 },
  { id: "builder", title: "Registry, Redis, BuildKit", lane: "images", expectedSeconds: 3 },
  { id: "kubernetes", title: "Compile Kubernetes", lane: "supply", expectedSeconds: 420 },
  { id: "coredns", title: "Compile CoreDNS", lane: "supply", expectedSeconds: 60 },
  { id: "cluster", title: "Start Kubernetes", lane: "supply", expectedSeconds: 10 },
  { id: "check", title: "A pod runs, with DNS, logs and a volume", lane: "supply", expectedSeconds: 8 },
  { id: "greenroom", title: "Greenroom", lane: "supply", expectedSeconds: 4 },
];

/**
 * Everything from an empty state to a ready lab, in the order that keeps people from staring at
 * nothing: first the page, then what builds need, images while Kubernetes compiles, the cluster last.
 */
export async function bringUp(lab: Lab, signal: AbortSignal): Promise<void> {
  const board = createBoard({
    file: lab.paths.board,
    memoryFile: join(lab.paths.cache, "times.json"),
    screen: { ...lab.orders.screen, write: lab.say },
  });
  board.plan([...steps, ...seedSteps()]);
  // One part that fails ends the others: nobody waits minutes for a lab that cannot come up.
  const failed = new AbortController();
  const stage: Stage = {
    ...lab,
    board,
    endpoints: labEndpoints(lab.paths, lab.orders.portOffset),
    signal: AbortSignal.any([signal, failed.signal]),
  };
  try {
    await startAll(stage, failed);
  } finally {
    board.close();
  }
}

async function startAll(stage: Stage, failed: AbortController): Promise<void> {
  const { paths, endpoints, supervisor, board, signal } = stage;
  if (existsSync(new URL("../github/main.ts", import.meta.url)))
    /* TEMP */ await board.run("github", () => supervisor.start(standIn(paths, endpoints), signal));
  await board.run("packages", (report) => installPackages(Object.keys(labPackages), { report, signal }));
  const unpacked = await board.run("tools", (report) => unpackTools(toolsArchive(), { cache: paths.cache, report }));
  const { kubectl, helm } = { kubectl: join(unpacked, "kubectl"), helm: join(unpacked, "helm") };
  await makeNetwork(paths);
  const buildkitBin = await compile(stage, "buildkit", buildkitProgram(buildkitModule));
  const images = board
    .run("builder", () => startBuilder(stage, buildkitBin))
    .then(() =>
      seedBaseImages({
        cache: paths.cache,
        bin: buildkitBin,
        buildkit: endpoints.buildkit,
        node: process.execPath,
        supervisor,
        configDir: join(paths.state, "seeding"),
        board,
        env: process.env,
        signal,
      }),
    );
  const cluster = (async () => {
    const kubernetes = join(await compile(stage, "kubernetes", kubernetesProgram()), "kubernetes");
    const coredns = join(await compile(stage, "coredns", corednsProgram()), "coredns");
    await board.run("cluster", () =>
      startCluster(
        { paths, endpoints, supervisor, sandboxImage: pauseImage, programs: { kubernetes, coredns, kubectl } },
        signal,
      ),
    );
  })();
  await allOrNone([images, cluster], failed);
  await board.run("check", () => checkCluster(kubectl, paths.kubeconfig, signal));
  const tools = await linkTools(paths, { kubectl, helm, buildctl: join(buildkitBin, "buildctl") });
  await board.run("greenroom", async () => {
    await applyManifests(kubectl, paths.kubeconfig, signal);
    if (!existsSync(new URL("../../../workers/main.ts", import.meta.url))) return; // TEMP
    const services = await greenroomServices({
      paths,
      endpoints,
      kubeconfig: paths.kubeconfig,
      buildkit: endpoints.buildkit,
      registry: `${authority(endpoints.registry)}/greenroom`,
      registryInsecure: true,
      registryAuth: paths.registryAuth,
      helm: tools.helm,
      buildctl: tools.buildctl,
      dial: "direct",
    });
    for (const service of services) await supervisor.start(service, signal);
  });
  writeStatus(paths, endpoints, tools);
}

function compile(stage: Stage, step: string, program: Parameters<typeof buildProgram>[0]): Promise<string> {
  const { board, paths, signal } = stage;
  return board.run(step, (report) => buildProgram(program, { cache: paths.cache, report, signal }));
}

async function startBuilder({ paths, endpoints, supervisor, signal }: Stage, bin: string): Promise<void> {
  const configDir = join(paths.state, "registry");
  const credentials = await registryCredentials(paths.registryAuth, authority(endpoints.registry));
  const storage = mirrorStorage(paths.cache);
  const apt = await aptSetup(signal);
  const services = [
    registryService({
      name: "registry",
      listen: endpoints.registry,
      storage: join(paths.state, "registry", "storage"),
      configDir,
      credentials,
    }),
    registryService({ name: "mirror", listen: endpoints.mirror, storage, configDir, credentials: null }),
    redisService({ state: paths.state, listen: endpoints.redis }),
    buildkitService(
      {
        bin,
        root: join(paths.cache, "buildkit-lab"), // TEMP
        configDir: join(paths.state, "buildkit"),
        address: endpoints.buildkit,
        registry: endpoints.registry,
        mirror: endpoints.mirror,
        wayOut: await detectWayOut(process.env, [apt.archive, apt.security]),
        cgroupParent: `${labCgroup()}/buildkit`,
      },
      signal,
    ),
  ];
  await Promise.all(services.map(async (service) => supervisor.start(await service, signal)));
}

/** Waits for all; the first that fails ends the others, and only then is its error thrown. */
async function allOrNone(work: readonly Promise<void>[], failed: AbortController): Promise<void> {
  let first: unknown;
  await Promise.all(
    work.map((part) =>
      part.catch((error: unknown) => {
        first ??= error ?? new Error("failed without a reason");
        failed.abort();
      }),
    ),
  );
  if (first !== undefined) throw first;
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
