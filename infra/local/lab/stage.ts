import { isBuilt, buildProgram } from "../supply/programs.ts";
import type { BinarySource } from "../supply/binaries.ts";
import type { ProgramCost } from "../supply/plan.ts";
import type { ProgramSpec } from "../supply/program-key.ts";
import type { ProgressBoard } from "../supply/board-writer.ts";
import type { LabEndpoints } from "./endpoints.ts";
import type { Administrator } from "./install.ts";
import type { LabPaths } from "./paths.ts";
import type { Supervisor } from "./supervisor.ts";

/** What every part of bringing up the lab works with. */
export type Stage = {
  readonly paths: LabPaths;
  readonly endpoints: LabEndpoints;
  readonly supervisor: Supervisor;
  readonly board: ProgressBoard;
  readonly signal: AbortSignal;
  /** Compiles a program as a step of the board, or finds it in the cache. */
  readonly compile: (step: string, program: ProgramSpec) => Promise<string>;
};

/** helm and kubectl. */
export type Tools = { readonly helm: string; readonly kubectl: string };

/** Where Greenroom is to deploy, build and push. */
export type Target = {
  readonly admin: Administrator;
  /** Registry and prefix that images are pushed to. */
  readonly registry: string;
  readonly registryInsecure: boolean;
  readonly registryAuth: string | undefined;
  readonly registryPullAuth: string | undefined;
  readonly buildkit: string;
  readonly buildctl: string;
  /** How the gateway reaches pods. */
  readonly dial: "direct" | "port-forward";
};

/** Compiles each program once; those in the cache say so at once, so that the board's estimate knows it. */
export async function compiler(
  stage: Omit<Stage, "compile">,
  programs: Readonly<Record<string, ProgramCost>>,
  binaries?: BinarySource,
): Promise<Stage["compile"]> {
  const { board, paths, signal } = stage;
  const begun = new Map<string, Promise<string>>();
  const compile = (step: string, program: ProgramSpec): Promise<string> => {
    const earlier = begun.get(step);
    if (earlier) return earlier;
    const now = board.run(step, (report) => buildProgram(program, { cache: paths.cache, report, signal, binaries }));
    begun.set(step, now);
    return now;
  };
  for (const [step, { spec }] of Object.entries(programs)) {
    if (await isBuilt(spec, paths.cache)) await compile(step, spec);
  }
  return compile;
}

/** Waits for all; the first that fails ends the others, and only then is its error thrown. */
export async function allOrNone(work: readonly Promise<unknown>[], failed: AbortController): Promise<void> {
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
