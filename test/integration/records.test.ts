import { createRecordCache, createRecords } from "../../src/adapters/kubernetes/records.ts";
import { recordsContract } from "../contract/records.contract.ts";
import { kubernetesLab } from "./kubernetes-lab.ts";

recordsContract("of Kubernetes", async () => {
  const lab = await kubernetesLab();
  const lifetime = new AbortController();
  const records = createRecords(
    lab.worker,
    lab.namespace,
    createRecordCache(lab.worker, lab.namespace, lifetime.signal),
  );
  return {
    records,
    deleteByHand: async (name) => {
      const path = `/apis/greenroom.dev/v1alpha1/namespaces/${lab.namespace}/previews/${name}`;
      await lab.admin.json({ method: "DELETE", path, signal: AbortSignal.timeout(10_000) });
    },
    dispose: async () => {
      lifetime.abort();
      await lab.dispose();
    },
  };
});
