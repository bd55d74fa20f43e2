import { waitFor } from "../../infra/local/demo/wait-for.ts";
import { createRecordCache } from "../../src/adapters/kubernetes/record-cache.ts";
import { createRecords } from "../../src/adapters/kubernetes/records.ts";
import { namespacePath, pathOf, resources } from "../../src/adapters/kubernetes/resources.ts";
import { isJson } from "../../src/adapters/kubernetes/api-object.ts";
import { recordsContract } from "../contract/records.contract.ts";
import { type KubernetesLab, kubernetesLab } from "./kubernetes-lab.ts";

const signal = AbortSignal.timeout(120_000);

/** A namespace in which the worker has the same rights as in Greenroom's own, and that no worker watches. */
async function quietNamespace({ admin, worker, namespace }: KubernetesLab): Promise<string> {
  const name = `preview-contract-records-${process.pid}`;
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  await admin.json({ method: "POST", path: namespacePath(), body, signal });
  for (const of of [resources.Role, resources.RoleBinding]) {
    const own = await admin.json({ path: pathOf(of, namespace, "greenroom-worker"), signal });
    const copy = { ...(isJson(own) ? own : {}), metadata: { name: "greenroom-worker", namespace: name } };
    await admin.json({ method: "POST", path: pathOf(of, name), body: copy, signal });
  }
  const previews = `/apis/greenroom.dev/v1alpha1/namespaces/${name}/previews`;
  await waitFor("the worker's rights there", 10, () => worker.json({ path: previews, signal }));
  return name;
}

recordsContract("of Kubernetes", async () => {
  const lab = await kubernetesLab();
  const namespace = await quietNamespace(lab);
  const lifetime = new AbortController();
  const records = createRecords(lab.worker, namespace, createRecordCache(lab.worker, namespace, lifetime.signal));
  return {
    records,
    deleteByHand: async (name) => {
      const path = `/apis/greenroom.dev/v1alpha1/namespaces/${namespace}/previews/${name}`;
      await lab.admin.json({ method: "DELETE", path, signal: AbortSignal.timeout(10_000) });
    },
    dispose: async () => {
      lifetime.abort();
      await lab.admin.json({ method: "DELETE", path: namespacePath(namespace), signal });
      await lab.dispose();
    },
  };
});
