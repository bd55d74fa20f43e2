import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Builder, BuildRequest } from "../../src/ports/builder.ts";
import { type Failure, FailureError } from "../../src/preview/failure.ts";
import type { FakeRegistry } from "./registry.ts";

export type FakeBuilder = Builder & {
  /** Every build that was asked for, in order. */
  requests: BuildRequest[];
  /** Most builds that ran at the same time. */
  mostAtOnce(): number;
};

/** The only images that exist besides the built ones. */
const baseImages = new Set(["busybox:1.37", "scratch"]);

type Step = { line: number; instruction: string; rest: string };

function parse(text: string): Step[] {
  return text.split("\n").flatMap((line, index) => {
    const [instruction = "", ...rest] = line.trim().split(" ");
    return instruction === "" || instruction.startsWith("#")
      ? []
      : [{ line: index + 1, instruction: instruction.toUpperCase(), rest: rest.join(" ") }];
  });
}

/**
 * Understands as much of a Dockerfile as tests need: FROM, ARG, COPY of a single file or folder, and RUN of `echo`,
 * `sleep` (which never ends) and `exit`. Other words in RUN succeed silently.
 */
export function createFakeBuilder(registry: FakeRegistry): FakeBuilder {
  const requests: BuildRequest[] = [];
  let running = 0;
  let most = 0;
  return {
    requests,
    mostAtOnce: () => most,
    async build(request, onProgress, signal) {
      signal.throwIfAborted();
      requests.push(request);
      running += 1;
      most = Math.max(most, running);
      try {
        // A build takes a turn of the event loop at least, so that others can begin.
        await new Promise((done) => setImmediate(done));
        const steps = stagesUpTo(
          parse(readFileSync(resolve(request.contextDirectory, request.dockerfile), "utf8")),
          request,
        );
        const content: string[] = [JSON.stringify(request.args), JSON.stringify(request.labels)];
        for (const [index, step] of steps.entries()) {
          const told = `${step.instruction} ${step.rest}`;
          onProgress({ step: told, current: index, total: steps.length });
          content.push(told);
          // oxlint-disable-next-line no-await-in-loop -- steps follow each other
          content.push(await run(step, request, signal));
          onProgress({ step: told, current: index + 1, total: steps.length });
        }
        return { digest: registry.push(request.reference, content.join("\n")) };
      } finally {
        running -= 1;
      }
    },
  };
}

function stagesUpTo(steps: readonly Step[], request: BuildRequest): Step[] {
  if (request.target === undefined) return [...steps];
  const stages = steps.filter((step) => step.instruction === "FROM");
  const wanted = stages.findIndex((step) => step.rest.endsWith(` AS ${request.target}`));
  if (wanted === -1) throw failure(request, undefined, "dockerfile-target-missing", `no stage ${request.target}`);
  const next = stages[wanted + 1];
  return next === undefined ? [...steps] : steps.slice(0, steps.indexOf(next));
}

/** Resolves with what the step adds to the image. */
async function run(step: Step, request: BuildRequest, signal: AbortSignal): Promise<string> {
  const told = `${step.instruction} ${step.rest}`;
  switch (step.instruction) {
    case "FROM": {
      const [image = ""] = step.rest.split(" ");
      if (baseImages.has(image)) return "";
      throw failure(request, step.line, "base-image-missing", `The base image \`${image}\` does not exist.`);
    }
    case "COPY": {
      const [source = ""] = step.rest.split(" ");
      const path = join(request.contextDirectory, source);
      if (!existsSync(path)) {
        throw failure(request, step.line, "dockerfile-source-missing", `\`${told}\`: there is no \`${source}\`.`);
      }
      return source === "." ? "" : readFileSync(path, "utf8");
    }
    case "RUN": {
      const output: string[] = [];
      for (const command of step.rest.split("&&").map((part) => part.trim())) {
        const [, name = "", rest = ""] = command.match(/^(?:busybox )?(\S+) ?(.*)$/) ?? [];
        if (name === "echo") output.push(rest);
        // oxlint-disable-next-line no-await-in-loop -- commands follow each other
        if (name === "sleep") await aborted(signal);
        if (name !== "exit" || rest === "0") continue;
        const what = `The build step \`${told}\` failed with exit code ${rest}.`;
        throw failure(request, step.line, "dockerfile-step-failed", what, output.join("\n"));
      }
      return output.join("\n");
    }
    case "ARG":
    case "CMD":
    case "EXPOSE":
    case "USER":
    case "WORKDIR":
      return "";
    default:
      throw failure(request, step.line, "dockerfile-invalid", `unknown instruction: ${step.instruction}`);
  }
}

async function aborted(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  return await new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function failure(
  request: BuildRequest,
  line: number | undefined,
  code: string,
  what: string,
  evidence = what,
): FailureError {
  const where: Failure["where"] = { file: request.dockerfileName, ...(line === undefined ? {} : { line }) };
  return new FailureError({ kind: "user", code, what, where, remedy: "Correct the Dockerfile.", evidence });
}
