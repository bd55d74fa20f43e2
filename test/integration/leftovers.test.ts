import { expect, test } from "vitest";
import { createCluster } from "../../src/adapters/kubernetes/cluster.ts";
import { createLeftovers } from "../../src/adapters/kubernetes/leftovers.ts";
import { createRecordCache } from "../../src/adapters/kubernetes/record-cache.ts";
import { createRecords } from "../../src/adapters/kubernetes/records.ts";
import { pathOf, resources } from "../../src/adapters/kubernetes/resources.ts";
import { leftoversContract } from "../contract/leftovers.contract.ts";
import { kubernetesLab } from "./kubernetes-lab.ts";

async function start() {
  const lab = await kubernetesLab();
  const { worker, namespace, deployersNamespace } = lab;
  const lifetime = new AbortController();
  return {
    lab,
    leftovers: createLeftovers(worker, { namespace, deployersNamespace }),
    cluster: createCluster(worker, { deployersNamespace }),
    records: createRecords(worker, namespace, createRecordCache(worker, namespace, lifetime.signal)),
    dispose: async () => {
      lifetime.abort();
      await lab.dispose();
    },
  };
}

leftoversContract("of Kubernetes", start);

test("accounts whose namespace and record are gone are found and removed", async () => {
  const { lab, leftovers, cluster, dispose } = await start();
  const signal = AbortSignal.timeout(60_000);
  try {
    const namespace = `preview-leftover-accounts-${process.pid}`;
    const body = {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: {
        name: `leftover-accounts-${process.pid}-1`,
        labels: { "greenroom.dev/preview-namespace": namespace },
      },
    };
    const path = pathOf(resources.ServiceAccount, lab.deployersNamespace);
    await lab.admin.json({ method: "POST", path, body, signal });
    const ours = async () => (await leftovers.list(signal)).filter((each) => each.namespace === namespace);
    expect(await ours()).toEqual([{ namespace, recordUid: undefined, kind: "accounts" }]);
    await cluster.remove(namespace, "", signal);
    expect(await ours()).toEqual([]);
  } finally {
    await dispose();
  }
});
