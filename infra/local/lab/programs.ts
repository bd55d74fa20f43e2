import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProgramSpec } from "../supply/program-key.ts";
import { kubernetesVersion } from "./cluster-config.ts";

const local = fileURLToPath(new URL("..", import.meta.url));

/** Folder of BuildKit's Go module. */
export const buildkitModule = join(local, "buildkit");

/** Every Kubernetes component and etcd in one binary; kubeadm and clients read the version it is given here. */
export function kubernetesProgram(): ProgramSpec {
  const [major, minor] = kubernetesVersion.split(".");
  const variables = {
    gitVersion: `v${kubernetesVersion}`,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: "clean",
  };
  const assignments = Object.entries(variables).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  );
  return {
    name: "kubernetes",
    moduleDir: join(local, "kubernetes"),
    packages: ["."],
    ldflags: ["-s", "-w", ...assignments].join(" "),
  };
}

/** CoreDNS with the few plugins the lab uses. */
export function corednsProgram(): ProgramSpec {
  return { name: "coredns", moduleDir: join(local, "kubernetes", "coredns"), packages: ["."], ldflags: "-s -w" };
}
