import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";

/** A Job that Helm runs before everything else. */
export function hookJob(name: string, namespace: string, script: string): KubernetesObject {
  const containers = [{ name: "main", image: "busybox:1.37", command: ["sh", "-c", script] }];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace, annotations: { "helm.sh/hook": "pre-install,pre-upgrade" } },
    spec: {
      backoffLimit: 0,
      template: { spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, containers } },
    },
  };
}
