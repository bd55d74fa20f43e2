import { join } from "node:path";
import { type BuildkitOptions, startBuildkit } from "../supply/buildkit.ts";
import { aptSetup } from "../supply/machine.ts";
import { mirrorStorage, registryCredentials, registryService } from "../supply/registry.ts";
import { seedBaseImages } from "../supply/seed.ts";
import { detectWayOut } from "../supply/way-out.ts";
import { labCgroup } from "./cgroup.ts";
import { authority } from "./endpoints.ts";
import { buildkitProgram } from "../supply/programs.ts";
import { buildkitModule } from "./programs.ts";
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
    const services = [mirror(stage)];
    if (!otherRegistry) services.push(registry(stage));
    await Promise.all([
      ...services.map(async (service) => supervisor.start(await service, signal)),
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

async function registry({ paths, endpoints }: Stage): ReturnType<typeof registryService> {
  const credentials = await registryCredentials(paths.registryAuth, authority(endpoints.registry));
  const configDir = join(paths.state, "registry");
  const storage = join(configDir, "storage");
  return registryService({ name: "registry", listen: endpoints.registry, storage, configDir, credentials });
}

function mirror({ paths, endpoints }: Stage): ReturnType<typeof registryService> {
  const configDir = join(paths.state, "registry");
  const storage = mirrorStorage(paths.cache);
  return registryService({ name: "mirror", listen: endpoints.mirror, storage, configDir, credentials: null });
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
