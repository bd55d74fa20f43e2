/** A kind that may be in a preview, with the name of its resource in the API. */
export type AllowedKind = { apiVersion: string; kind: string; resource: string };

/** What a preview may consist of. The deployer's role names exactly these, so the list is enforced by RBAC too. */
export const allowedKinds: readonly AllowedKind[] = [
  { apiVersion: "v1", kind: "ConfigMap", resource: "configmaps" },
  { apiVersion: "v1", kind: "Secret", resource: "secrets" },
  { apiVersion: "v1", kind: "Service", resource: "services" },
  { apiVersion: "v1", kind: "ServiceAccount", resource: "serviceaccounts" },
  { apiVersion: "v1", kind: "PersistentVolumeClaim", resource: "persistentvolumeclaims" },
  { apiVersion: "v1", kind: "Pod", resource: "pods" },
  { apiVersion: "apps/v1", kind: "Deployment", resource: "deployments" },
  { apiVersion: "apps/v1", kind: "StatefulSet", resource: "statefulsets" },
  { apiVersion: "apps/v1", kind: "DaemonSet", resource: "daemonsets" },
  { apiVersion: "apps/v1", kind: "ReplicaSet", resource: "replicasets" },
  { apiVersion: "batch/v1", kind: "Job", resource: "jobs" },
  { apiVersion: "batch/v1", kind: "CronJob", resource: "cronjobs" },
  { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", resource: "horizontalpodautoscalers" },
  { apiVersion: "autoscaling/v1", kind: "HorizontalPodAutoscaler", resource: "horizontalpodautoscalers" },
  { apiVersion: "networking.k8s.io/v1", kind: "Ingress", resource: "ingresses" },
  { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", resource: "roles" },
  { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding", resource: "rolebindings" },
];

/** Kinds that charts bring with good reason and a preview is better off without: left out, and the comment says so. */
export const droppedKinds: readonly { group: string; kind: string; why: string }[] = [
  {
    group: "networking.k8s.io",
    kind: "NetworkPolicy",
    why: "Greenroom sets the preview's own, which a further one could only open",
  },
  { group: "policy", kind: "PodDisruptionBudget", why: "a preview must not keep a node from being drained" },
];

const clusterScoped = [
  "APIService",
  "CertificateSigningRequest",
  "ClusterIssuer",
  "ClusterRole",
  "ClusterRoleBinding",
  "CSIDriver",
  "CSINode",
  "CustomResourceDefinition",
  "DeviceClass",
  "FlowSchema",
  "GatewayClass",
  "IngressClass",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PodSecurityPolicy",
  "PriorityClass",
  "PriorityLevelConfiguration",
  "ResourceSlice",
  "RuntimeClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
  "VolumeAttachment",
  "VolumeAttributesClass",
  "VolumeSnapshotClass",
];

const leaveOut = "Leave it out of previews, for example by a value that greenroom.yaml sets.";

const refusedKinds: Record<string, { what: string; remedy: string }> = {
  ResourceQuota: {
    what: "would change the limits of the preview's namespace",
    remedy: `Greenroom sets them. ${leaveOut}`,
  },
  LimitRange: {
    what: "would change the limits of the preview's namespace",
    remedy: `Greenroom sets them. ${leaveOut}`,
  },
  Endpoints: { what: "would send traffic to addresses of its choice", remedy: "Use a Service with a selector." },
  EndpointSlice: { what: "would send traffic to addresses of its choice", remedy: "Use a Service with a selector." },
  ReplicationController: { what: "is a kind that previews do not know", remedy: "Use a Deployment." },
};

export function isClusterScoped(kind: string): boolean {
  return clusterScoped.includes(kind);
}

/** Why a kind that is on no list may not be in a preview, as the rest of a sentence that begins with the object. */
export function whyRefused(apiVersion: string, kind: string): { what: string; remedy: string } {
  if (kind === "") return { what: "has no kind", remedy: "Give it `apiVersion` and `kind`." };
  if (isClusterScoped(kind)) {
    return { what: "belongs to the whole cluster, not to a namespace", remedy: leaveOut };
  }
  const known = Object.hasOwn(refusedKinds, kind) ? refusedKinds[kind] : undefined;
  if (known !== undefined) return known;
  const version = allowedKinds.find((allowed) => allowed.kind === kind)?.apiVersion;
  if (version !== undefined && apiVersion.includes("beta")) {
    return { what: `has an apiVersion that is no longer served`, remedy: `Use \`${version}\`.` };
  }
  return {
    what: "is of a kind that the operator does not allow in previews",
    remedy: leaveOut,
  };
}

/** `apps` of `apps/v1`, nothing of `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}
