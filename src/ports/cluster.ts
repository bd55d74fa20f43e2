import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import type { SleepingWorkload } from "../preview/preview.ts";
import type { ClusterView } from "../rollout/cluster-view.ts";

/** One attempt's identity towards the API server; programs run with nothing else. */
export type DeployerAccess = {
  /** `system:serviceaccount:<deployers' namespace>:<account>`. */
  user: string;
  /** Absolute path of a kubeconfig, mode 0600, that holds only this account's token and namespace. */
  kubeconfig: string;
  dispose(): Promise<void>;
};

export type Cluster = {
  /**
   * Makes the namespace and applies the kit into it (server-side apply, forced). Rejects with an operator's failure
   * where a namespace of that name exists that is not this record's.
   */
  prepare(namespace: string, recordUid: string, kit: readonly KubernetesObject[], signal: AbortSignal): Promise<void>;
  /**
   * Makes the attempt's own account the only one that may deploy into the namespace: deletes the bindings and accounts
   * of earlier attempts, waits until the API server refuses them, then creates this one's.
   */
  takeOver(namespace: string, account: string, signal: AbortSignal): Promise<DeployerAccess>;
  /**
   * What is in the namespace (workloads, pods, events, claims, jobs), again on every change, from one set of watches.
   * Ends when the signal aborts.
   */
  observe(namespace: string, signal: AbortSignal): AsyncIterable<ClusterView>;
  /**
   * The last lines of a container, in which the values of the namespace's Secrets are masked; `previous` is the one that
   * ran before the last restart. Empty where there are none.
   */
  logTail(namespace: string, pod: string, container: string, previous: boolean, signal: AbortSignal): Promise<string>;
  /**
   * Scales every Deployment and StatefulSet to nothing and suspends every CronJob, and answers all that sleeps by it
   * now, each with what it was before. May be interrupted anywhere and repeated: what an earlier call has put to sleep is
   * in the answer as well, until it is woken; what nobody ran before is not. A transient failure where a workload was
   * changed at the same moment. Nothing where the namespace is gone.
   */
  sleep(namespace: string, signal: AbortSignal): Promise<SleepingWorkload[]>;
  /**
   * Scales back what `sleep` answered, also to a call that was interrupted before. A workload that is gone, or was scaled
   * up by someone else, is left alone.
   */
  wake(namespace: string, workloads: readonly SleepingWorkload[], signal: AbortSignal): Promise<void>;
  /** What `sleep` has begun to scale to nothing and no `wake` has scaled back. Nothing where the namespace is gone. */
  asleep(namespace: string, signal: AbortSignal): Promise<SleepingWorkload[]>;
  /**
   * Tears everything down at once and resolves when the namespace and the attempt accounts are proven gone. A namespace
   * that is not this record's is left alone.
   */
  remove(namespace: string, recordUid: string, signal: AbortSignal): Promise<void>;
};
