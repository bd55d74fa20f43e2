import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, basename, isAbsolute, join } from "node:path";
import { z } from "zod";
import { FailureError } from "../../preview/failure.ts";
import type { Builder, BuildRequest } from "../../ports/builder.ts";
import { ProgramError, runProgram } from "../run-program.ts";
import { buildFailure } from "./build-failure.ts";
import { traceBuild } from "./raw-progress.ts";

export type BuildkitOptions = {
  /** The program `buildctl`. */
  buildctl: string;
  /** `unix://…` or `tcp://…`. */
  address: string;
  /** Folder with a Docker `config.json` that may push; nothing is pushed without credentials where it is undefined. */
  dockerConfigDirectory: string | undefined;
  /** Push by HTTP. */
  insecure: boolean;
  deadlineMs: number;
};

const metadata = z.object({ "containerimage.digest": z.string().regex(/^sha256:[0-9a-f]{64}$/) });

/** Builds by BuildKit's own client; ending it cancels the solve. */
export function createBuildkitBuilder(options: BuildkitOptions): Builder {
  return {
    async build(request, onProgress, signal) {
      const scratch = await mkdtemp(join(tmpdir(), "greenroom-build-"));
      const metadataFile = join(scratch, "metadata.json");
      const trace = traceBuild(onProgress);
      try {
        const { code } = await runProgram(options.buildctl, buildArguments(options, request, metadataFile), {
          env: {
            PATH: process.env["PATH"] ?? "/usr/bin:/bin",
            HOME: scratch,
            ...(options.dockerConfigDirectory === undefined ? {} : { DOCKER_CONFIG: options.dockerConfigDirectory }),
          },
          signal,
          deadlineMs: options.deadlineMs,
          killSignal: "SIGTERM",
          graceMs: 2_000,
          onStderrLine: (line) => trace.add(line),
        });
        if (code !== 0) {
          const registry = request.reference.split("/")[0] ?? "";
          throw new FailureError(
            buildFailure({
              dockerfile: request.dockerfileName,
              registry,
              text: trace.text(),
              step: trace.failed(),
            }),
          );
        }
        const parsed = metadata.parse(JSON.parse(await readFile(metadataFile, "utf8")));
        return { digest: parsed["containerimage.digest"] };
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof ProgramError ? programFailure(error, options, request) : error;
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },
  };
}

/**
 * Provenance and SBOM are left off: they make the image an index whose digest changes with every build, and equal
 * content should have an equal digest.
 */
function buildArguments(options: BuildkitOptions, request: BuildRequest, metadataFile: string): string[] {
  const dockerfile = isAbsolute(request.dockerfile)
    ? request.dockerfile
    : join(request.contextDirectory, request.dockerfile);
  const insecure = options.insecure ? ",registry.insecure=true" : "";
  const output = `type=image,"name=${request.reference}",push=true,oci-mediatypes=true${insecure}`;
  return [
    "--addr",
    options.address,
    "build",
    "--frontend=dockerfile.v0",
    "--progress=rawjson",
    `--local=context=${request.contextDirectory}`,
    `--local=dockerfile=${dirname(dockerfile)}`,
    `--opt=filename=${basename(dockerfile)}`,
    `--opt=platform=${request.platform}`,
    ...(request.target === undefined ? [] : [`--opt=target=${request.target}`]),
    ...Object.entries(request.args).map(([name, value]) => `--opt=build-arg:${name}=${value}`),
    ...Object.entries(request.labels).map(([name, value]) => `--opt=label:${name}=${value}`),
    ...(request.cache?.from ?? []).map((from) => `--import-cache=type=registry,ref=${from}${insecure}`),
    ...(request.cache?.to === undefined
      ? []
      : [
          `--export-cache=type=registry,ref=${request.cache.to},mode=max,image-manifest=true,ignore-error=true${insecure}`,
        ]),
    `--output=${output}`,
    `--metadata-file=${metadataFile}`,
  ];
}

function programFailure(error: ProgramError, options: BuildkitOptions, request: BuildRequest): FailureError {
  if (error.reason === "deadline") {
    return new FailureError(
      {
        kind: "user",
        code: "build-timed-out",
        what: `\`${request.dockerfileName}\` was not built after ${Math.round(options.deadlineMs / 60_000)} minutes.`,
        where: { file: request.dockerfileName },
        remedy: "Make the build faster, for example by ordering steps so that they can be cached.",
      },
      { cause: error },
    );
  }
  return new FailureError(
    {
      kind: "operator",
      code: "buildctl-unusable",
      what: "BuildKit's client could not be run.",
      remedy: "The operator checks the setting GREENROOM_BUILDCTL.",
      evidence: error.message,
    },
    { cause: error },
  );
}
