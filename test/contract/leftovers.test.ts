import { fakeCluster } from "../fakes/cluster.ts";
import { fakeKubernetes } from "../fakes/kubernetes.ts";
import { fakeLeftovers } from "../fakes/leftovers.ts";
import { fakeRecords } from "../fakes/records.ts";
import { leftoversContract } from "./leftovers.contract.ts";

leftoversContract("in memory", async () => {
  const kubernetes = fakeKubernetes();
  const records = fakeRecords();
  return {
    leftovers: fakeLeftovers(kubernetes, records),
    cluster: fakeCluster(kubernetes),
    records,
    dispose: async () => undefined,
  };
});
