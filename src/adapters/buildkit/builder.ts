import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import type { BuildRequest, Builder } from "../../ports/builder.ts";
import { boundEvidence, FailureError } from "../../preview/failure.ts";
import { ProgramError, runProgram } from "../run-program.ts";
import { buildFailure } from "./failures.ts";
import { followBuild } from "./progress.ts";
import { ownPrefix, sourcePolicy } from "./source-policy.ts";

export type BuildkitOptions = {
  /** `unix://…` or `tcp://…`. */
  address: string;
  /** BuildKit's client, by name or path. */
  buildctl: string;
  /** Docker `config.json` with credentials for the registry and for private base images. */
  authFile?: string;
  /** Whether the registry that images are pushed to speaks HTTP only. */
  insecureRegistry: boolean;
  /** Repositories, or beginnings of their names, in that registry which every build may start from. */
  baseImages: readonly string[];
  /** Longest time for one image. */
  deadlineMs: number;
};

const metadataSchema = z.object({ "containerimage.digest": z.string().regex(/^sha256:[0-9a-f]{64}$/) });

/** How long buildctl may take to cancel its build before it is killed. */
const graceMs = 3_000;

/** Builds by buildctl. Ending it ends the build: BuildKit cancels what nobody waits for any more. */
export function createBuildkitBuilder(options: BuildkitOptions): Builder {
  return {
    async build(request, onProgress, signal) {
      signal.throwIfAborted();
      // Leads buildctl to the credentials, and takes what it tells about the image.
      const folder = await mkdtemp(join(tmpdir(), "greenroom-build-"));
      const metadataFile = join(folder, "metadata.json");
      const policyFile = join(folder, "source-policy.json");
      const log = followBuild(onProgress);
      try {
        if (options.authFile !== undefined) await symlink(resolve(options.authFile), join(folder, "config.json"));
        await writeFile(policyFile, JSON.stringify(sourcePolicy(request.reference, options.baseImages)));
        const args = buildctlArguments(options, request, { metadataFile, policyFile });
        const result = await runProgram(options.buildctl, args, {
          env: {
            PATH: process.env["PATH"] ?? "/usr/bin:/bin",
            HOME: folder,
            DOCKER_CONFIG: folder,
          },
          signal,
          deadlineMs: options.deadlineMs,
          graceMs,
          onStderrLine: (line) => log.line(line),
        });
        if (result.code !== 0) {
          const { dockerfileName } = request;
          throw new FailureError(buildFailure({ dockerfileName, words: log.words(), step: log.failedStep() }));
        }
        const metadata = metadataSchema.parse(JSON.parse(await readFile(metadataFile, "utf8")));
        return { digest: metadata["containerimage.digest"] };
      } catch (error) {
        throw error instanceof ProgramError ? programFailure(error, request, log.failedStep()?.log) : error;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/**
 * Without provenance: it would turn every image into an index of two manifests whose digest differs with each build, and
 * nobody verifies the origin of a preview.
 */
export function buildctlArguments(
  options: BuildkitOptions,
  request: BuildRequest,
  { metadataFile, policyFile }: { metadataFile: string; policyFile: string },
): string[] {
  const dockerfile = resolve(request.contextDirectory, request.dockerfile);
  const insecure = options.insecureRegistry ? ",registry.insecure=true" : "";
  const opts = [
    `filename=${basename(dockerfile)}`,
    `platform=${request.platform}`,
    // With this BuildKit reads every Dockerfile itself, and never fetches and runs what a `# syntax=` line names.
    "cmdline=dockerfile.v0",
    ...(request.fresh ? ["no-cache="] : []),
    ...(request.target === undefined ? [] : [`target=${request.target}`]),
    ...Object.entries(request.args).map(([key, value]) => `build-arg:${key}=${value}`),
    // Cache mounts are shared by their id alone; this keeps those of different repositories apart.
    `build-arg:BUILDKIT_CACHE_MOUNT_NS=${ownPrefix(request.reference)}`,
    ...Object.entries(request.labels).map(([key, value]) => `label:${key}=${value}`),
  ];
  const cacheTo = request.cache?.to;
  return [
    "--addr",
    options.address,
    "build",
    "--progress=rawjson",
    "--frontend=dockerfile.v0",
    "--local",
    `context=${request.contextDirectory}`,
    "--local",
    `dockerfile=${dirname(dockerfile)}`,
    ...opts.flatMap((opt) => ["--opt", opt]),
    "--output",
    `type=image,name=${request.reference},push=true,oci-mediatypes=true${insecure}`,
    ...(request.cache?.from ?? []).flatMap((from) => ["--import-cache", `type=registry,ref=${from}${insecure}`]),
    ...(cacheTo === undefined
      ? []
      : [
          "--export-cache",
          `type=registry,ref=${cacheTo},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true${insecure}`,
        ]),
    "--source-policy-file",
    policyFile,
    "--metadata-file",
    metadataFile,
  ];
}

function programFailure(error: ProgramError, request: BuildRequest, log: string | undefined): FailureError {
  if (error.reason === "missing") {
    return new FailureError({
      kind: "operator",
      code: "buildctl-missing",
      what: "The worker has no buildctl.",
      remedy: "Install BuildKit's client, or say where it is with GREENROOM_BUILDCTL.",
    });
  }
  return new FailureError({
    kind: "user",
    code: "build-too-slow",
    what:
      error.reason === "deadline"
        ? "The image took too long to build."
        : "The build wrote a line that is too long to be read.",
    where: { file: request.dockerfileName },
    remedy: "Make the build faster, for instance by copying what changes rarely first. The operator sets the limit.",
    ...(log === undefined ? {} : { evidence: boundEvidence(log) }),
  });
}
