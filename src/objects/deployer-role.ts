import { grantable, type PolicyRule } from "./grantable.ts";
import { type AllowedKind, allowedKinds, groupOf } from "./kinds.ts";
import type { KubernetesObject } from "./kubernetes-object.ts";
import { deployerRoleName } from "./our-names.ts";

const verbs = ["get", "list", "watch", "create", "update", "patch", "delete"];

/**
 * The ClusterRole that is bound, in the preview's namespace only, to the account of an attempt: exactly the guard's
 * kinds, which include the Secrets in which Helm keeps its releases, and what a chart's Role may grant, since nobody
 * can grant what he has not. No subresource, so neither exec nor port-forward nor tokens; no network policies, quotas,
 * endpoints; no bind, escalate or impersonate.
 */
export function deployerRole(furtherKinds: readonly AllowedKind[] = []): KubernetesObject {
  const groups = Map.groupBy([...allowedKinds, ...furtherKinds], ({ apiVersion }) => groupOf(apiVersion));
  const rules: PolicyRule[] = [...groups].map(([group, kinds]) => ({
    apiGroups: [group],
    resources: [...new Set(kinds.map(({ resource }) => resource))],
    verbs,
  }));
  const has = ({ apiGroups, resources: wanted }: PolicyRule) =>
    rules.some((rule) => rule.apiGroups[0] === apiGroups[0] && wanted.every((each) => rule.resources.includes(each)));
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: deployerRoleName, labels: { "app.kubernetes.io/managed-by": "greenroom" } },
    rules: [...rules, ...grantable.filter((rule) => !has(rule))],
  };
}
