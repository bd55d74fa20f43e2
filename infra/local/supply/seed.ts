import { createHash, randomBytes } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { authority as hostAndPort, type Endpoint } from "../lab/endpoints.ts";
import type { Service } from "../lab/service.ts";
import { type BaseImage, baseImages, npmPackage, recipesDir } from "./base-images.ts";
import type { StepPlan } from "./board.ts";
import { seedingEndpoint } from "./build-network.ts";
import type { ProgressBoard, StepReport } from "./board-writer.ts";
import { runCommand } from "./command.ts";
import { makeDebian } from "./debootstrap.ts";
import { mirrorStorage, registryCredentials, registryService } from "./registry.ts";
import { ingredientsOf, type Machine, missingImages, recordSeeded, type Sources, thisMachine } from "./seeded.ts";

export type SeedOptions = Sources & {
  /** buildkitd's socket. */
  readonly buildkit: string;
  /** Starts and stops the registry that takes the images in. */
  readonly supervisor: {
    start(service: Service, signal: AbortSignal): Promise<void>;
    stop(name: string): Promise<void>;
  };
  readonly configDir: string;
  readonly board: ProgressBoard;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
};

/** Id of an image's step on the board. */
export function imageStep(image: BaseImage): string {
  return `image-${image.name}`;
}

/** The board's steps for the base images. */
export function seedSteps(): StepPlan[] {
  return baseImages.map((image) => ({
    id: imageStep(image),
    title: `Image ${image.name}:${image.tag}`,
    lane: "images",
    expectedSeconds: image.expectedSeconds,
  }));
}

async function fetchNpm(file: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const registry = env["npm_config_registry"] ?? "https://registry.npmjs.org/";
  const url = new URL(`npm/-/npm-${npmPackage.version}.tgz`, registry.endsWith("/") ? registry : `${registry}/`);
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`${url.href} answers ${response.status}.`);
  const content = Buffer.from(await response.arrayBuffer());
  const found = `sha512-${createHash("sha512").update(content).digest("base64")}`;
  if (found !== npmPackage.integrity) throw new Error(`${url.href} is not the pinned npm: ${found}.`);
  await writeFile(file, content);
}

/** Build the base images that are missing and put them into the mirror's storage, under their docker.io names. */
export async function seedBaseImages(options: SeedOptions): Promise<void> {
  const machine = await thisMachine(options.env, options.signal);
  const missing = await missingImages(machine, options);
  if (missing.size === 0) {
    for (const image of baseImages) {
      await options.board.run(imageStep(image), async (report) => {
        report.cached();
      });
    }
    return;
  }
  // What an interrupted run left half made.
  await rm(join(options.cache, "tmp"), { recursive: true, force: true });
  const endpoint = seedingEndpoint;
  const configDir = join(options.configDir, `seeding-${randomBytes(4).toString("hex")}`);
  const credentials = await registryCredentials(join(configDir, "config.json"), hostAndPort(endpoint), "seeding");
  const storage = mirrorStorage(options.cache);
  const name = "registry-for-seeding";
  await options.supervisor.start(
    await registryService({ name, listen: endpoint, storage, configDir, accounts: [credentials] }),
    options.signal,
  );
  try {
    const seed = (image: BaseImage): Promise<void> =>
      options.board.run(imageStep(image), async (report) => {
        const recipe = missing.get(image);
        if (recipe === undefined) {
          report.cached();
          return;
        }
        const digest = await buildImage(image, machine, { ...options, endpoint, dockerConfig: configDir, report });
        recordSeeded(options.cache, image, { recipe, digest });
      });
    const [roots, derived] = [baseImages.filter((i) => i.from === null), baseImages.filter((i) => i.from !== null)];
    await Promise.all(roots.map(seed));
    await Promise.all(derived.map(seed));
  } finally {
    await options.supervisor.stop(name);
    await rm(configDir, { recursive: true, force: true });
  }
}

type Building = SeedOptions & {
  readonly endpoint: Endpoint;
  readonly dockerConfig: string;
  readonly report: StepReport;
};

async function buildImage(image: BaseImage, machine: Machine, options: Building): Promise<string> {
  await mkdir(join(options.cache, "tmp"), { recursive: true });
  const workDir = await mkdtemp(join(options.cache, "tmp", `${image.name}-`));
  try {
    const context = join(workDir, "context");
    await prepareContext(image, machine, workDir, context, options);
    const reference = `${hostAndPort(options.endpoint)}/library/${image.name}:${image.tag}`;
    const extraCa = image.name === "node" && machine.authority !== null;
    const args = ["--addr", options.buildkit, "build", "--progress=plain", "--frontend=dockerfile.v0"];
    args.push("--local", `context=${context}`, "--local", `dockerfile=${context}`);
    if (extraCa) args.push("--opt", "build-arg:EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt");
    args.push("--output", `type=image,name=${reference},push=true,registry.insecure=true`);
    args.push("--metadata-file", join(workDir, "metadata.json"));
    await runCommand(join(options.bin, "buildctl"), args, {
      env: { ...options.env, DOCKER_CONFIG: options.dockerConfig },
      signal: options.signal,
      timeoutSeconds: 900,
      onLine: (line) => options.report.detail(line),
    });
    const metadata = z
      .object({ "containerimage.digest": z.string() })
      .parse(JSON.parse(await readFile(join(workDir, "metadata.json"), "utf8")));
    return metadata["containerimage.digest"];
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function prepareContext(
  image: BaseImage,
  machine: Machine,
  workDir: string,
  context: string,
  options: Building,
): Promise<void> {
  await mkdir(context);
  const recipe = join(recipesDir, image.name);
  for (const file of await readdir(recipe)) await copyFile(join(recipe, file), join(context, file));
  const { files } = await ingredientsOf(image, machine, options);
  for (const [name, path] of Object.entries(files)) {
    await copyFile(path, join(context, name));
  }
  if (image.name === "node") await fetchNpm(join(context, "npm.tgz"), options.env, options.signal);
  if (image.name === "debian") {
    const onLine = (line: string): void => options.report.detail(line);
    await makeDebian({ tar: join(context, "base.tar"), workDir, ...machine, onLine, signal: options.signal });
  }
}
