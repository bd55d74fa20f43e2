import { groupOf } from "./kinds.ts";
import { type Json, listOf, mapOf } from "./read.ts";

export type PolicyRule = { apiGroups: string[]; resources: string[]; verbs: string[] };

const read = ["get", "list", "watch"];
const write = ["create", "update", "patch", "delete"];

/**
 * What a chart's Role may grant to a program of the preview: to look at what runs, and what leader election and
 * configuration need. Nothing that makes pods or reads Secrets, by which a program could get round the guard.
 */
export const grantable: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["configmaps"], verbs: [...read, ...write] },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: [...read, ...write] },
  { apiGroups: [""], resources: ["events"], verbs: [...read, "create", "patch"] },
  { apiGroups: [""], resources: ["pods", "services", "persistentvolumeclaims"], verbs: read },
  { apiGroups: ["apps"], resources: ["deployments", "statefulsets", "daemonsets", "replicasets"], verbs: read },
  { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: read },
];

/** What a rule of a Role would grant beyond that, as `verbs resource` of the first such; undefined where nothing. */
export function beyondGrantable(value: unknown): string | undefined {
  const rule = mapOf(value);
  if (listOf(rule.nonResourceURLs).length > 0) return "requests to URLs of the API server";
  for (const group of listOf(rule.apiGroups)) {
    for (const resource of listOf(rule.resources)) {
      const refused = listOf(rule.verbs).filter((verb) => !isGrantable(group, resource, verb));
      if (refused.length > 0) return [...refused, resource].join(" ");
    }
  }
  return undefined;
}

function isGrantable(group: unknown, resource: unknown, verb: unknown): boolean {
  return grantable.some(
    (rule) => includes(rule.apiGroups, group) && includes(rule.resources, resource) && includes(rule.verbs, verb),
  );
}

function includes(words: readonly string[], word: unknown): boolean {
  return words.some((known) => known === word);
}

/** Whether a RoleBinding refers to a Role, and one that the same chart brings. */
export function bindsOwnRole(roleRef: unknown, objects: readonly { object: Json & { apiVersion: string } }[]): boolean {
  const { apiGroup, kind, name } = mapOf(roleRef);
  return (
    apiGroup === "rbac.authorization.k8s.io" &&
    kind === "Role" &&
    objects.some(
      ({ object }) =>
        object.kind === "Role" && groupOf(object.apiVersion) === apiGroup && mapOf(object.metadata).name === name,
    )
  );
}
