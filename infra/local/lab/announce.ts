import { createInterface } from "node:readline/promises";
import { labPackages } from "../supply/debian.ts";
import { planLines, planSupply, type SupplyPlan } from "../supply/plan.ts";
import { buildkitProgram } from "../supply/programs.ts";
import { authority, bridge, type LabEndpoints } from "./endpoints.ts";
import type { LabPaths } from "./paths.ts";
import { buildkitModule, corednsProgram, kubernetesProgram } from "./programs.ts";

/** What is missing, with what it costs; nothing is changed by looking. */
export function plan(paths: LabPaths): Promise<SupplyPlan> {
  const buildkit = buildkitProgram(buildkitModule);
  return planSupply({
    cache: paths.cache,
    packages: Object.keys(labPackages),
    programs: [
      { spec: buildkit, seconds: 130, megabytes: 110 },
      { spec: kubernetesProgram(), seconds: 450, megabytes: 150 },
      { spec: corednsProgram(), seconds: 60, megabytes: 45 },
    ],
    buildkit,
    node: process.execPath,
    env: process.env,
    signal: new AbortController().signal,
  });
}

/** What `up` is about to do to this machine, in words. */
export function announcement(supply: SupplyPlan, paths: LabPaths, endpoints: LabEndpoints): string {
  const { standIn, intake, gateway, redis } = endpoints;
  const ports = [standIn, intake, gateway, redis].map(authority).join(", ");
  const lines = [
    ...planLines(supply),
    `run Kubernetes, a registry, BuildKit, Redis, a stand-in GitHub and Greenroom: about 2 GB of memory, state in ${paths.state}`,
    `make the bridges ${bridge.name} (${bridge.subnet}) and greenroom-build, packet-filter chains KUBE-* and GREENROOM-*, and listen on ${ports}`,
  ];
  const kept = supply.cache;
  return [
    "The lab is going to:",
    ...lines.map((line) => `  - ${line}`),
    `\`npm run lab -- down\` takes it all away again but the packages and ${kept}.`,
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
