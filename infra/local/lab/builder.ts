import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildkitOptions, startBuildkit } from "../supply/buildkit.ts";
import { aptSetup } from "../supply/machine.ts";
import { mirrorStorage, registryCredentials, registryService } from "../supply/registry.ts";
import { seedBaseImages } from "../supply/seed.ts";
import { detectWayOut } from "../supply/way-out.ts";
import { labCgroup } from "./cgroup.ts";
import { authority } from "./endpoints.ts";
import { buildkitProgram } from "../supply/programs.ts";
import { buildkitModule } from "./programs.ts";
import { answersHttp } from "./readiness.ts";
import type { Service } from "./service.ts";
import type { Stage } from "./stage.ts";

type Registry = BuildkitOptions["registry"];

/** BuildKit's daemon and client; answers their folder. */
export function compileBuilder(stage: Stage): Promise<string> {
  return stage.compile("buildkit", buildkitProgram(buildkitModule));
}

/** Starts BuildKit and the mirror, with the lab's registry unless another is named, and seeds the base images. */
export async function startBuilder(stage: Stage, bin: string, otherRegistry?: Registry): Promise<void> {
  const { board, paths, endpoints, supervisor, signal } = stage;
  await board.run("builder", async () => {
    await Promise.all([
      startMirror(stage),
      ...(otherRegistry ? [] : [startRegistry(stage)]),
      buildkit(stage, bin, otherRegistry ?? endpoints.registry),
    ]);
  });
  await seedBaseImages({
    cache: paths.cache,
    bin,
    buildkit: endpoints.buildkit,
    node: process.execPath,
    supervisor,
    configDir: join(paths.state, "seeding"),
    board,
    env: process.env,
    signal,
  });
}

/** The registry behind its gate, with an account that pushes and one for previews that only pulls. */
async function startRegistry({ paths, endpoints, supervisor, signal }: Stage): Promise<void> {
  const host = authority(endpoints.registry);
  const writer = await registryCredentials(paths.registryAuth, host, "greenroom");
  const reader = await registryCredentials(paths.registryPullAuth, host, "previews");
  const configDir = join(paths.state, "registry");
  const storage = join(configDir, "storage");
  const socket = join(paths.run, "registry.sock");
  const accounts = [writer, reader];
  const service = await registryService({ name: "registry", listen: socket, storage, configDir, accounts });
  await supervisor.start(service, signal);
  await supervisor.start(registryGate(host, socket, writer.username), signal);
}

function registryGate(host: string, socket: string, writer: string): Service {
  const entry = fileURLToPath(new URL("../registry/main.ts", import.meta.url));
  return {
    name: "registry-gate",
    command: process.execPath,
    args: [entry, "--listen", host, "--socket", socket, "--writer", writer],
    stopSignal: "SIGKILL",
    readiness: answersHttp(`http://${host}/v2/`, 30, 401),
  };
}

async function startMirror({ paths, endpoints, supervisor, signal }: Stage): Promise<void> {
  const configDir = join(paths.state, "registry");
  const storage = mirrorStorage(paths.cache);
  const listen = endpoints.mirror;
  await supervisor.start(await registryService({ name: "mirror", listen, storage, configDir, accounts: [] }), signal);
}

async function buildkit(stage: Stage, bin: string, images: Registry): Promise<void> {
  const { paths, endpoints, supervisor, signal } = stage;
  const apt = await aptSetup(signal);
  return startBuildkit(
    supervisor,
    {
      bin,
      root: join(paths.cache, "buildkit"),
      configDir: join(paths.state, "buildkit"),
      address: endpoints.buildkit,
      registry: images,
      mirror: endpoints.mirror,
      wayOut: await detectWayOut(process.env, [apt.archive, apt.security]),
      cgroupParent: `${labCgroup()}/buildkit`,
    },
    signal,
  );
}
