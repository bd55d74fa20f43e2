import type { KubernetesObject } from "../objects/kubernetes-object.ts";
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
  /** The last lines of a container; `previous` is the one that ran before the last restart. Empty where there are none. */
  logTail(namespace: string, pod: string, container: string, previous: boolean, signal: AbortSignal): Promise<string>;
  /**
   * Tears everything down at once and resolves when the namespace and the attempt accounts are proven gone. A namespace
   * that is not this record's is left alone.
   */
  remove(namespace: string, recordUid: string, signal: AbortSignal): Promise<void>;
};
