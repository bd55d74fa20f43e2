import { join } from "node:path";
import { pauseImage } from "../supply/base-images.ts";
import { compileBuilder, startBuilder } from "./builder.ts";
import { checkCluster } from "./check-cluster.ts";
import { startCluster } from "./cluster.ts";
import { authority } from "./endpoints.ts";
import { makeNetwork } from "./network.ts";
import { corednsProgram, kubernetesProgram } from "./programs.ts";
import { allOrNone, type Stage, type Target, type Tools } from "./stage.ts";

/** The lab's own Kubernetes, registry and BuildKit: base images are made while Kubernetes compiles. */
export async function ownCluster(stage: Stage, tools: Tools, failed: AbortController): Promise<Target> {
  const { paths, endpoints, board, signal } = stage;
  await makeNetwork(paths);
  const buildkitBin = await compileBuilder(stage);
  await allOrNone([startBuilder(stage, buildkitBin), startKubernetes(stage, tools)], failed);
  await board.run("check", () => checkCluster(tools.kubectl, paths.kubeconfig, signal));
  return {
    admin: { kubeconfig: paths.kubeconfig, ...tools },
    registry: `${authority(endpoints.registry)}/greenroom`,
    registryInsecure: true,
    registryAuth: paths.registryAuth,
    registryPullAuth: paths.registryPullAuth,
    buildkit: endpoints.buildkit,
    buildctl: join(buildkitBin, "buildctl"),
    dial: "direct",
  };
}

async function startKubernetes(stage: Stage, { kubectl }: Tools): Promise<void> {
  const { paths, endpoints, supervisor, signal } = stage;
  const kubernetes = join(await stage.compile("kubernetes", kubernetesProgram()), "kubernetes");
  const coredns = join(await stage.compile("coredns", corednsProgram()), "coredns");
  const programs = { kubernetes, coredns, kubectl };
  await stage.board.run("cluster", () =>
    startCluster({ paths, endpoints, supervisor, sandboxImage: pauseImage, programs }, signal),
  );
}
