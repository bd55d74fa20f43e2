import { expect, test } from "vitest";
import { mayDeploy } from "../../src/adapters/kubernetes/access-review.ts";
import { isNotFound, unlessMissing } from "../../src/adapters/kubernetes/api-error.ts";
import { applyPatch } from "../../src/adapters/kubernetes/api.ts";
import { createCluster } from "../../src/adapters/kubernetes/cluster.ts";
import { listAll } from "../../src/adapters/kubernetes/follow.ts";
import { namespacePath, pathOf, resourceOfKind, resources } from "../../src/adapters/kubernetes/resources.ts";
import { clusterContract, type ClusterHarness } from "../contract/cluster.contract.ts";
import { sleepContract } from "../contract/sleep.contract.ts";
import { kubernetesLab } from "./kubernetes-lab.ts";

const signal = AbortSignal.timeout(150_000);

const start = async (): Promise<ClusterHarness> => {
  const lab = await kubernetesLab();
  const { admin, worker, deployersNamespace } = lab;
  const foreign: string[] = [];
  return {
    cluster: createCluster(worker, { deployersNamespace }),
    mayDeploy: (namespace, user) => mayDeploy(admin, user, namespace, signal),
    put: async (namespace, object) => {
      const resource = resourceOfKind(object.kind) ?? resources.ConfigMap;
      const path = pathOf(resource, namespace, object.metadata.name);
      const query = { fieldManager: "contract", force: true };
      await admin.json({ method: "PATCH", path, query, contentType: applyPatch, body: object, signal });
    },
    makeForeign: async (name) => {
      foreign.push(name);
      const body = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
      await admin.json({ method: "POST", path: namespacePath(), body, signal });
    },
    namespaceExists: async (namespace) =>
      (await unlessMissing(admin.json({ path: namespacePath(namespace), signal }))) !== undefined,
    accounts: async (namespace) => {
      const { apiVersion, kind } = resources.ServiceAccount;
      const query = { labelSelector: `greenroom.dev/preview-namespace=${namespace}` };
      const path = pathOf(resources.ServiceAccount, deployersNamespace);
      return (await listAll(admin, { path, query, apiVersion, kind }, signal)).items.map(
        ({ metadata }) => metadata.name,
      );
    },
    dispose: async () => {
      for (const name of foreign) await admin.json({ method: "DELETE", path: namespacePath(name), signal });
      await lab.dispose();
    },
  };
};

clusterContract("of Kubernetes", start);
sleepContract("of Kubernetes", start);

test("the worker changes nothing outside previews, whatever its roles say", async () => {
  const lab = await kubernetesLab();
  const { worker, deployersNamespace } = lab;
  const refused = { status: expect.toSatisfy((status: number) => status === 403 || status === 422) };
  const pods = pathOf(resources.Pod, "kube-system");
  try {
    await expect(worker.json({ path: pathOf(resources.Secret, "kube-system"), signal })).rejects.toMatchObject(refused);
    await expect(worker.json({ method: "DELETE", path: `${pods}/anything`, signal })).rejects.toSatisfy(
      // A pod that does not exist is looked up before the policy is asked.
      (error) => isNotFound(error) || refused.status.asymmetricMatch(Reflect.get(Object(error), "status")),
    );
    await expect(worker.json({ method: "DELETE", path: namespacePath("kube-public"), signal })).rejects.toMatchObject(
      refused,
    );
    const binding = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "greenroom-worker", namespace: "kube-system" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "greenroom-preview-worker" },
      subjects: [{ kind: "ServiceAccount", name: "greenroom-worker", namespace: "greenroom" }],
    };
    const bindings = pathOf(resources.RoleBinding, "kube-system");
    await expect(worker.json({ method: "POST", path: bindings, body: binding, signal })).rejects.toMatchObject(refused);
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: deployersNamespace },
      spec: { containers: [{ name: "c", image: "busybox" }] },
    };
    const create = worker.json({ method: "POST", path: pathOf(resources.Pod, deployersNamespace), body: pod, signal });
    await expect(create).rejects.toMatchObject(refused);
  } finally {
    await lab.dispose();
  }
});
