import type { KubernetesObject } from "../objects/kubernetes-object.ts";

/** An event of the cluster about one object. */
export type ClusterEvent = {
  /** `Kind/name` of the object it is about. */
  about: string;
  reason: string;
  message: string;
  type: "Normal" | "Warning";
  /** Milliseconds since the epoch of its last occurrence. */
  lastSeen: number;
};

/** Everything that lives in one namespace and matters for readiness, at one moment. */
export type ClusterView = {
  /** Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs, CronJobs, Pods, PersistentVolumeClaims, Services, EndpointSlices, ResourceQuotas. */
  objects: readonly KubernetesObject[];
  events: readonly ClusterEvent[];
};
