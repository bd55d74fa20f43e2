import { createInterface } from "node:readline/promises";
import { planLines, planSupply, type SupplyPlan } from "../supply/plan.ts";
import { buildkitProgram } from "../supply/programs.ts";
import { authority, bridge, type LabEndpoints } from "./endpoints.ts";
import { isIsolated, packagesFor, programsFor, type Wish } from "./needs.ts";
import type { LabPaths } from "./paths.ts";
import { buildkitModule } from "./programs.ts";

/** What is missing, with what it costs; nothing is changed by looking. */
export async function plan(wish: Wish, paths: LabPaths): Promise<SupplyPlan> {
  const supply = await planSupply({
    cache: paths.cache,
    packages: packagesFor(wish),
    programs: Object.values(programsFor(wish)),
    buildkit: buildkitProgram(buildkitModule),
    node: process.execPath,
    env: process.env,
    signal: new AbortController().signal,
  });
  const releasesFrom = wish.binaries === "official" ? "their publishers" : wish.binaries;
  // Base images are for the lab's own BuildKit.
  return { ...supply, releasesFrom, ...(isIsolated(wish) ? {} : { images: [] }) };
}

/** What `up` is about to do to this machine, in words. */
export function announcement(supply: SupplyPlan, wish: Wish, paths: LabPaths, endpoints: LabEndpoints): string {
  const { standIn, intake, gateway, redis } = endpoints;
  const ports = [standIn, intake, gateway, redis].map(authority).join(", ");
  const { foreign } = wish;
  const parts = ["Redis, a stand-in GitHub and Greenroom"];
  if (isIsolated(wish)) parts.unshift("BuildKit");
  if (!foreign) parts.unshift("Kubernetes", "a registry");
  const lines = [
    ...planLines(supply),
    `run ${parts.join(", ")}: about ${foreign ? 1 : 2} GB of memory, state in ${paths.state}`,
    `listen on ${ports}`,
  ];
  if (isIsolated(wish)) {
    lines.push(
      `make the interfaces ${bridge.name} (${bridge.subnet}) and greenroom-build with their packet-filter rules`,
    );
  }
  if (foreign) {
    lines.push(
      `install Greenroom into the cluster of context ${foreign.context}, and push images to ${foreign.registry}`,
    );
  }
  return [
    "The lab is going to:",
    ...lines.map((line) => `  - ${line}`),
    `\`npm run lab -- down\` takes it all away again but the packages and ${supply.cache}.`,
    "",
  ].join("\n");
}

/** Asks on a terminal; without one, or told yes already, the answer is yes. */
export async function agreed(yes: boolean): Promise<boolean> {
  if (yes || !process.stdin.isTTY || !process.stderr.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question("Go on? [Y/n] ");
    return /^(?:|y|yes)$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
