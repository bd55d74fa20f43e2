import { baseImages } from "./base-images.ts";
import { duration } from "./board.ts";
import { type AptEstimate, estimate, missingPackages } from "./debian.ts";
import type { ProgramSpec } from "./program-key.ts";
import { isBuilt, programDir } from "./programs.ts";
import { missingImages, thisMachine } from "./seeded.ts";

/** A program with what compiling it costs on two processors. */
export type ProgramCost = {
  readonly spec: ProgramSpec;
  readonly seconds: number;
  readonly megabytes: number;
};

/** What a start of the lab has to get first. */
export type SupplyPlan = {
  readonly packages: readonly string[];
  /** In apt's own words; null where nothing is missing, or its lists are too old to tell. */
  readonly packagesSize: AptEstimate | null;
  readonly programs: readonly { readonly name: string; readonly seconds: number; readonly megabytes: number }[];
  /** Where releases of those programs are taken from instead of compiling. */
  readonly releasesFrom?: string | undefined;
  readonly images: readonly { readonly reference: string; readonly seconds: number }[];
  readonly cache: string;
};

/** What Go's own caches grow to when the lab's programs are compiled; they stay for the next change. */
const goCachesGigabytes = 4.5;
const imagesMegabytes = 900;

/** Find out what is missing; changes nothing. */
export async function planSupply(options: {
  readonly cache: string;
  readonly packages: readonly string[];
  /** The program whose folder holds pause and buildctl comes among these. */
  readonly programs: readonly ProgramCost[];
  readonly buildkit: ProgramSpec;
  readonly node: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}): Promise<SupplyPlan> {
  const { cache, node, signal } = options;
  const packages = await missingPackages(options.packages, signal);
  const programs = [];
  for (const { spec, seconds, megabytes } of options.programs) {
    if (!(await isBuilt(spec, cache))) programs.push({ name: spec.name, seconds, megabytes });
  }
  const bin = await programDir(options.buildkit, cache);
  // Without apt there is no recipe to compare: the packages' part of the plan says what is wrong.
  const missing = await thisMachine(options.env, signal).then(
    async (machine) => [...(await missingImages(machine, { cache, bin, node })).keys()],
    () => baseImages,
  );
  return {
    packages,
    packagesSize: packages.length === 0 ? null : await estimate(packages, signal),
    programs,
    images: missing.map((image) => ({ reference: `${image.name}:${image.tag}`, seconds: image.expectedSeconds })),
    cache,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The plan in words, one line for each kind of change; empty when nothing is missing. */
export function planLines(plan: SupplyPlan): string[] {
  const lines: string[] = [];
  if (plan.packages.length > 0) {
    const size = plan.packagesSize;
    const cost = size === null ? "" : `, ${size.download} to fetch, ${size.disk} on disk`;
    lines.push(`install ${plan.packages.length} Debian packages${cost}: ${plan.packages.join(" ")}`);
  }
  if (plan.programs.length > 0) {
    const names = plan.programs.map((program) => program.name).join(", ");
    const time = duration(sum(plan.programs.map((program) => program.seconds)));
    const disk = sum(plan.programs.map((program) => program.megabytes));
    const go = `up to ${goCachesGigabytes} GB more in Go's own caches`;
    const compiling = `about ${time} on two processors, ${disk} MB in ${plan.cache}, ${go}`;
    lines.push(
      plan.releasesFrom === undefined
        ? `compile ${names}: ${compiling}`
        : `take releases of ${names} from ${plan.releasesFrom}, and compile what cannot be had there: at most ${compiling}`,
    );
  }
  if (plan.images.length > 0) {
    const names = plan.images.map((image) => image.reference).join(", ");
    const time = duration(sum(plan.images.map((image) => image.seconds)));
    lines.push(
      `build ${plan.images.length} base images: about ${time}, up to ${imagesMegabytes} MB in ${plan.cache}: ${names}`,
    );
  }
  return lines;
}
