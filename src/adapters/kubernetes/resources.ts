/** A kind in a namespace and where the API serves it. */
export type Resource = { apiVersion: string; kind: string; plural: string };

const resource = (apiVersion: string, kind: string, plural: string): Resource => ({ apiVersion, kind, plural });

/** Every namespaced kind that the adapters themselves read or write. */
export const resources = {
  Deployment: resource("apps/v1", "Deployment", "deployments"),
  StatefulSet: resource("apps/v1", "StatefulSet", "statefulsets"),
  DaemonSet: resource("apps/v1", "DaemonSet", "daemonsets"),
  ReplicaSet: resource("apps/v1", "ReplicaSet", "replicasets"),
  Job: resource("batch/v1", "Job", "jobs"),
  CronJob: resource("batch/v1", "CronJob", "cronjobs"),
  ReplicationController: resource("v1", "ReplicationController", "replicationcontrollers"),
  Pod: resource("v1", "Pod", "pods"),
  PersistentVolumeClaim: resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
  Service: resource("v1", "Service", "services"),
  ServiceAccount: resource("v1", "ServiceAccount", "serviceaccounts"),
  Secret: resource("v1", "Secret", "secrets"),
  ConfigMap: resource("v1", "ConfigMap", "configmaps"),
  ResourceQuota: resource("v1", "ResourceQuota", "resourcequotas"),
  LimitRange: resource("v1", "LimitRange", "limitranges"),
  Event: resource("v1", "Event", "events"),
  EndpointSlice: resource("discovery.k8s.io/v1", "EndpointSlice", "endpointslices"),
  NetworkPolicy: resource("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
  Ingress: resource("networking.k8s.io/v1", "Ingress", "ingresses"),
  HorizontalPodAutoscaler: resource("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
  PodDisruptionBudget: resource("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
  Role: resource("rbac.authorization.k8s.io/v1", "Role", "roles"),
  RoleBinding: resource("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"),
} satisfies Record<string, Resource>;

export function resourceOfKind(kind: string): Resource | undefined {
  return Object.values(resources).find((each) => each.kind === kind);
}

/** Path of a collection in a namespace, or of one object in it. */
export function pathOf(of: Resource, namespace: string, name?: string): string {
  const root = of.apiVersion.includes("/") ? `/apis/${of.apiVersion}` : `/api/${of.apiVersion}`;
  const collection = `${root}/namespaces/${encodeURIComponent(namespace)}/${of.plural}`;
  return name === undefined ? collection : `${collection}/${encodeURIComponent(name)}`;
}

export function namespacePath(namespace?: string): string {
  return namespace === undefined ? "/api/v1/namespaces" : `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
}
