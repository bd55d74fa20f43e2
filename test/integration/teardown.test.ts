import { expect, test } from "vitest";
import { createCluster } from "../../src/adapters/kubernetes/cluster.ts";
import { pathOf, resourceOfKind, resources } from "../../src/adapters/kubernetes/resources.ts";
import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";
import { at } from "../../src/objects/read.ts";
import { kubernetesLab } from "./kubernetes-lab.ts";

const signal = AbortSignal.timeout(170_000);

/** A workload whose process does not act on SIGTERM and would be waited for half a minute. */
function stubborn(kind: "Deployment" | "StatefulSet", namespace: string): KubernetesObject {
  const app = kind.toLowerCase();
  const command = ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"];
  const mount = { name: "data", mountPath: "/data" };
  const claim = {
    metadata: { name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
  };
  const isSet = kind === "StatefulSet";
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name: app, namespace },
    spec: {
      selector: { matchLabels: { app } },
      ...(isSet ? { serviceName: app, volumeClaimTemplates: [claim] } : { replicas: 2 }),
      template: {
        metadata: { labels: { app } },
        spec: {
          terminationGracePeriodSeconds: 60,
          containers: [{ name: "main", image: "busybox:1.37", command, ...(isSet ? { volumeMounts: [mount] } : {}) }],
        },
      },
    },
  };
}

test("pods that do not stop and claims in use are gone in seconds", async () => {
  const lab = await kubernetesLab();
  const cluster = createCluster(lab.worker, { deployersNamespace: lab.deployersNamespace });
  const namespace = `preview-contract-teardown-${process.pid}`;
  await cluster.prepare(namespace, "uid", [], signal);
  for (const kind of ["Deployment", "StatefulSet"] as const) {
    const path = pathOf(resourceOfKind(kind) ?? resources.Deployment, namespace);
    await lab.admin.json({ method: "POST", path, body: stubborn(kind, namespace), signal });
  }
  for await (const { objects } of cluster.observe(namespace, signal)) {
    const running = objects.filter(({ kind, ...pod }) => kind === "Pod" && at(pod, "status", "phase") === "Running");
    if (running.length === 3) break;
  }

  const started = performance.now();
  await cluster.remove(namespace, "uid", signal);
  const seconds = (performance.now() - started) / 1_000;
  console.log(`torn down in ${seconds.toFixed(1)} s`);
  expect(seconds).toBeLessThan(30);
  await lab.dispose();
});
