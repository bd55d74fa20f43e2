import { createImageLedger } from "../../src/adapters/kubernetes/image-ledger.ts";
import { imageLedgerContract } from "../contract/image-ledger.contract.ts";
import { kubernetesLab } from "./kubernetes-lab.ts";

imageLedgerContract("of Kubernetes", async () => {
  const lab = await kubernetesLab();
  let id = Date.now();
  return {
    ledger: createImageLedger(lab.worker, lab.namespace),
    repositoryId: () => (id += 1),
    close: () => lab.dispose(),
  };
});
