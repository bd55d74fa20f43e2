import { fakeCluster } from "../fakes/cluster.ts";
import { fakeKubernetes } from "../fakes/kubernetes.ts";
import { fakeReleases } from "../fakes/releases.ts";
import { releasesContract } from "./releases.contract.ts";

releasesContract("in memory", async () => {
  const kubernetes = fakeKubernetes();
  const cluster = fakeCluster(kubernetes);
  const namespace = "preview-contract";
  const signal = new AbortController().signal;
  await cluster.prepare(namespace, "uid", [], signal);
  let attempts = 0;
  let pods = 0;
  return {
    releases: fakeReleases(kubernetes),
    namespace,
    takeOver: async () => await cluster.takeOver(namespace, `contract-${(attempts += 1)}`, signal),
    exists: async (kind, name) => kubernetes.namespace(namespace).objects.has(`${kind}/${name}`),
    leavePending: async (release) => {
      const newest = kubernetes.namespace(namespace).releases.get(release)?.at(-1);
      if (newest !== undefined) newest.status = "pending-upgrade";
    },
    makePod: async (name) => {
      const uid = `pod-${(pods += 1)}`;
      kubernetes.put(namespace, { apiVersion: "v1", kind: "Pod", metadata: { name, namespace, uid } });
      return uid;
    },
    untilHookRuns: async (name) => {
      while (!kubernetes.namespace(namespace).hooks.has(name)) await new Promise((resolve) => setImmediate(resolve));
    },
    dispose: async () => undefined,
  };
});
