import { createRecordCache } from "../../src/adapters/kubernetes/record-cache.ts";
import { createRecords } from "../../src/adapters/kubernetes/records.ts";
import { namespacePath } from "../../src/adapters/kubernetes/resources.ts";
import { recordsContract } from "../contract/records.contract.ts";
import { kubernetesLab } from "./kubernetes-lab.ts";
import { quietNamespace } from "./quiet-namespace.ts";

const signal = AbortSignal.timeout(120_000);

recordsContract("of Kubernetes", async () => {
  const lab = await kubernetesLab();
  const namespace = await quietNamespace(lab, "records", signal);
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
