import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { greenroomNamespace, installChart, writeAccess } from "../../infra/local/lab/install.ts";
import { readLabStatus } from "../../infra/local/lab/status.ts";
import type { KubernetesApi } from "../../src/adapters/kubernetes/api.ts";
import { createKubernetesApi, loadKubeConfig } from "../../src/adapters/kubernetes/api.ts";

import { holdSweep } from "./hold-sweep.ts";

export type KubernetesLab = {
  /** The API server, as the worker's own account with the rights of charts/greenroom and no more. */
  worker: KubernetesApi;
  /** The same as the cluster's administrator, to arrange and to look. */
  admin: KubernetesApi;
  helm: string;
  namespace: string;
  deployersNamespace: string;
  dispose(): Promise<void>;
};

/** The running lab with Greenroom's chart installed; its Greenroom does not sweep meanwhile. */
export async function kubernetesLab(): Promise<KubernetesLab> {
  const status = await readLabStatus();
  if (status === undefined) throw new Error("the lab does not run; start it with: npm run lab -- up --detach");
  const administrator = { kubeconfig: status.kubeconfig, kubectl: status.tools.kubectl, helm: status.tools.helm };
  const signal = AbortSignal.timeout(60_000);
  const folder = await mkdtemp(join(tmpdir(), "greenroom-lab-access-"));
  const kubeconfig = join(folder, "worker.conf");
  const resumeSweep = await holdSweep(status);
  await installChart(administrator, "direct", signal);
  await writeAccess(administrator, "greenroom-worker", kubeconfig, signal);
  const worker = createKubernetesApi(loadKubeConfig(kubeconfig));
  const admin = createKubernetesApi(loadKubeConfig(status.kubeconfig));
  return {
    worker,
    admin,
    helm: status.tools.helm,
    namespace: greenroomNamespace,
    deployersNamespace: "greenroom-deployers",
    async dispose() {
      await resumeSweep();
      await Promise.all([worker.close(), admin.close(), rm(folder, { recursive: true, force: true })]);
    },
  };
}
