import type { Cluster } from "../../ports/cluster.ts";
import { during } from "./api-error.ts";
import type { KubernetesApi } from "./api.ts";
import { removeAccounts, takeOver } from "./deployer.ts";
import type { DeployerOptions } from "./deployer.ts";
import { readLogTail } from "./log-tail.ts";
import { prepareNamespace } from "./namespaces.ts";
import { observe } from "./observe.ts";
import { putToSleep, sleeping, wakeUp } from "./sleep.ts";
import { isForeign, tearDown } from "./teardown.ts";

/** Namespaces, accounts and watches of previews on one Kubernetes cluster. */
export function createCluster(api: KubernetesApi, options: DeployerOptions): Cluster {
  return {
    prepare: (namespace, recordUid, kit, signal) =>
      during("preparing the namespace", () => prepareNamespace(api, namespace, recordUid, kit, signal)),

    takeOver: (namespace, account, signal) =>
      during("taking the namespace over", () => takeOver(api, options, namespace, account, signal)),

    observe: (namespace, signal) => observe(api, namespace, signal),

    logTail: (namespace, pod, container, previous, signal) =>
      readLogTail(api, { namespace, pod, container, previous }, signal),

    asleep: (namespace, signal) => during("looking whether the preview sleeps", () => sleeping(api, namespace, signal)),
    sleep: (namespace, signal) => during("putting the preview to sleep", () => putToSleep(api, namespace, signal)),

    wake: (namespace, workloads, signal) =>
      during("waking the preview", () => wakeUp(api, namespace, workloads, signal)),

    remove: (namespace, recordUid, signal) =>
      during("removing the preview", async () => {
        if (await isForeign(api, namespace, recordUid, signal)) return;
        // The accounts first: an interrupted Helm of an earlier attempt must not put anything back.
        await removeAccounts(api, options, namespace, signal);
        await tearDown(api, namespace, signal);
        await removeAccounts(api, options, namespace, signal);
      }),
  };
}
