import { waitFor } from "../../infra/local/demo/wait-for.ts";
import type { LabStatus } from "../../infra/local/lab/status.ts";
import { createKubernetesApi, loadKubeConfig } from "../../src/adapters/kubernetes/api.ts";
import { at, listOf } from "../../src/objects/read.ts";

/** What a pod can find at most on the lab's node, however large the machine is. */
const left = { cpuMillis: 2_500, memoryMi: 6 * 1_024 };

/** Holds the node's CPU and memory but a part that a preview's quota is larger than; returns what lets them go. */
export async function takeBallast(lab: LabStatus): Promise<() => Promise<void>> {
  const api = createKubernetesApi(loadKubeConfig(lab.kubeconfig));
  const signal = AbortSignal.timeout(60_000);
  const nodes = await api.json({ path: "/api/v1/nodes", signal });
  const allocatable = at(listOf(at(nodes, "items"))[0], "status", "allocatable");
  const requests = {
    cpu: `${Math.max(0, cpuMillis(String(at(allocatable, "cpu"))) - left.cpuMillis)}m`,
    memory: `${Math.max(0, memoryMi(String(at(allocatable, "memory"))) - left.memoryMi)}Mi`,
  };
  const collection = "/api/v1/namespaces/default/pods";
  const name = `ballast-${process.pid}`;
  const body = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    // What a pod asks for is held from when it has its node, though it never starts.
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name, image: "ballast", imagePullPolicy: "Never", resources: { requests } }],
    },
  };
  await api.json({ method: "POST", path: collection, body, signal });
  await waitFor("a node for the ballast", 30, async () => {
    const pod = await api.json({ path: `${collection}/${name}`, signal });
    return at(pod, "spec", "nodeName") === undefined ? undefined : true;
  });
  return async () => {
    await api.json({ method: "DELETE", path: `${collection}/${name}`, signal: AbortSignal.timeout(30_000) });
    await api.close();
  };
}

/** Kubernetes writes a node's CPU as `2` or `1930m`. */
function cpuMillis(quantity: string): number {
  const [, amount, milli] = /^(\d+)(m?)$/.exec(quantity) ?? [];
  if (amount === undefined) throw new Error(`the node's CPU is ${quantity}`);
  return Number(amount) * (milli === "m" ? 1 : 1_000);
}

/** Kubernetes writes a node's memory as `24576000Ki`. */
function memoryMi(quantity: string): number {
  const amount = /^(\d+)Ki$/.exec(quantity)?.[1];
  if (amount === undefined) throw new Error(`the node's memory is ${quantity}`);
  return Math.floor(Number(amount) / 1_024);
}
