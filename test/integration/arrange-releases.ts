import { readdir, readFile } from "node:fs/promises";
import { createReleases } from "../../src/adapters/helm/releases.ts";
import { createCluster } from "../../src/adapters/kubernetes/cluster.ts";
import { at } from "../../src/objects/read.ts";
import { defaultLimits, namespaceKit } from "../../src/objects/namespace-kit.ts";
import { namespaceOf } from "../../src/preview/names.ts";
import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";
import type { ClusterView } from "../../src/rollout/cluster-view.ts";
import type { KubernetesLab } from "./kubernetes-lab.ts";

/** A namespace on the lab with the real kit, under the cluster's own rules, and Helm in it. */
export async function arrangeReleases(lab: KubernetesLab, name: string, signal: AbortSignal) {
  const record = `contract-${name}-${process.pid}`;
  const namespace = namespaceOf(record);
  const cluster = createCluster(lab.worker, { deployersNamespace: lab.deployersNamespace });
  const repository = { id: 1, nodeId: "R_1", fullName: "acme/shop" };
  const spec = { repository, pullRequest: 1, installation: 1, want: "running" as const };
  const kit = namespaceKit(
    { name: record, uid: "uid", spec },
    {
      tier: "trusted",
      limits: defaultLimits,
      pullSecret: undefined,
      gateway: { namespaces: [lab.namespace], cidrs: [] },
      blockedCidrs: [],
    },
  );
  await cluster.prepare(namespace, "uid", kit, signal);
  let attempts = 0;
  const until = async (wanted: (view: ClusterView) => boolean): Promise<void> => {
    for await (const view of cluster.observe(namespace, signal)) if (wanted(view)) return;
    signal.throwIfAborted();
  };
  return {
    namespace,
    cluster,
    releases: createReleases(lab.worker, { helm: lab.helm, sandbox: "bwrap", timeoutSeconds: 60 }),
    takeOver: async () => await cluster.takeOver(namespace, `${record}-${(attempts += 1)}`, signal),
    until,
    untilHookRuns: (hook: string) => until(({ objects }) => objects.some((object) => isRunningPodOf(hook, object))),
    dispose: async () => {
      await cluster.remove(namespace, "uid", signal);
      await lab.dispose();
    },
  };
}

export function isRunningPodOf(job: string, object: KubernetesObject): boolean {
  return (
    object.kind === "Pod" &&
    object.metadata.labels?.["batch.kubernetes.io/job-name"] === job &&
    at(object, "status", "phase") === "Running"
  );
}

/** The process of the Helm that works on a namespace now. */
export async function helmProcess(namespace: string): Promise<number> {
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const line = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    const args = line.split("\0");
    if (args[0]?.endsWith("helm") === true && args.includes("upgrade") && args.includes(namespace))
      return Number(entry);
  }
  throw new Error(`no Helm works on ${namespace}`);
}
