import { labPackages } from "../supply/debian.ts";
import type { ProgramCost } from "../supply/plan.ts";
import { buildkitProgram } from "../supply/programs.ts";
import type { Orders } from "./messages.ts";
import { buildkitModule, corednsProgram, kubernetesProgram } from "./programs.ts";

/** What of the orders decides what is needed. */
export type Wish = Pick<Orders, "foreign" | "binaries">;

/** Where everything else is the user's own, only these packages are needed. */
const packagesBesideCluster = ["redis-server", "bubblewrap", "git", "ca-certificates"];

/** Whether the lab makes networks, mounts and control groups, for which it must be root and the only one. */
export function isIsolated({ foreign }: Wish): boolean {
  return foreign?.buildkit === undefined;
}

/** Debian packages that these orders need. */
export function packagesFor(orders: Wish): string[] {
  const all = Object.keys(labPackages);
  return isIsolated(orders) ? all : all.filter((name) => packagesBesideCluster.includes(name));
}

/** Programs that have to be compiled for these orders, by the board's step, with what that costs on two processors. */
export function programsFor({ foreign }: Wish): Record<string, ProgramCost> {
  // BuildKit's client comes from the same build as its daemon.
  const buildkit = { buildkit: { spec: buildkitProgram(buildkitModule), seconds: 130, megabytes: 80 } };
  if (foreign) return buildkit;
  return {
    ...buildkit,
    kubernetes: { spec: kubernetesProgram(), seconds: 420, megabytes: 145 },
    coredns: { spec: corednsProgram(), seconds: 60, megabytes: 50 },
  };
}
