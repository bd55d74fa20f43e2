import { fakeCluster } from "../fakes/cluster.ts";
import { fakeKubernetes, fakeNamespace } from "../fakes/kubernetes.ts";
import { clusterContract, type ClusterHarness } from "./cluster.contract.ts";
import { sleepContract } from "./sleep.contract.ts";

const start = async (): Promise<ClusterHarness> => {
  const kubernetes = fakeKubernetes();
  const { namespaces, accounts } = kubernetes;
  return {
    cluster: fakeCluster(kubernetes),
    mayDeploy: async (namespace, user) => {
      const account = user.split(":").at(-1) ?? "";
      return namespaces.get(namespace)?.deployer === account && accounts.has(account);
    },
    put: async (namespace, object) => kubernetes.put(namespace, object),
    makeForeign: async (namespace) => void namespaces.set(namespace, fakeNamespace(namespace, undefined)),
    namespaceExists: async (namespace) => namespaces.has(namespace),
    accounts: async (namespace) => [...accounts].filter(([, of]) => of === namespace).map(([account]) => account),
    dispose: async () => undefined,
  };
};

clusterContract("in memory", start);
sleepContract("in memory", start);
