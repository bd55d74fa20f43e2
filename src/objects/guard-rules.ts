import { beyondGrantable, bindsOwnRole } from "./grantable.ts";
import { podRules, powerOf } from "./guard-pod-rules.ts";
import { is, isMissing, isOtherThan, isSet, rule, type Rule } from "./guard-rule.ts";
import { annotations, isReserved, keyPrefix, labels } from "./our-names.ts";
import { mapOf, textOf } from "./read.ts";
import { quote } from "./words.ts";

const ourKeys: readonly string[] = [...Object.values(labels), ...Object.values(annotations)];

const isForeignHost: Rule["refuse"] = (value, { allowance }) =>
  !allowance.hosts.includes((textOf(value) ?? "").toLowerCase());
const hostWhat: Rule["what"] = (value) =>
  isSet(value) ? `answers to the host ${quote(String(value))}, which is not this preview's` : "answers to every host";
const hostRemedy =
  "Take the host from `${host.<name>}` in greenroom.yaml, or leave the Ingress out: the preview has its address without one.";
const isForeignSubject: Rule["refuse"] = (value, { allowance }) => {
  const { kind, namespace } = mapOf(value);
  return kind !== "ServiceAccount" || (namespace !== undefined && namespace !== allowance.namespace);
};
const greenroomMakes = "Greenroom makes the address of the preview; a `ClusterIP` Service is all that it needs.";
const otherName = "Give it another name.";

/**
 * Everything that the guard refuses about objects of allowed kinds, line by line: where, when, what it would do, and
 * what to do instead. The kinds themselves are in kinds.ts.
 */
export const guardRules: readonly Rule[] = [
  rule(
    "object",
    "metadata.name",
    isMissing,
    "has no name",
    "Give it a `metadata.name`; `generateName` does not do for a release.",
  ),
  rule(
    "object",
    "metadata.name",
    (name) => isReserved(String(name)),
    "has a name that is Greenroom's or Helm's own",
    otherName,
  ),
  rule(
    "object",
    "metadata.namespace",
    (value, { allowance }) => isSet(value) && value !== allowance.namespace,
    (value) => `is for another namespace, ${quote(String(value))}`,
    "Leave `metadata.namespace` out, or use `{{ .Release.Namespace }}`.",
  ),
  rule(
    "object",
    "metadata.finalizers",
    isSet,
    "has finalizers, which could keep the preview from being removed",
    "Take them out.",
  ),
  rule(
    "object",
    "metadata.ownerReferences",
    isSet,
    "claims to be owned by another object",
    "Take `ownerReferences` out.",
  ),
  rule("object", "items", (value) => value !== undefined, "is a list in disguise", "Write it as `kind: List`."),
  rule(
    "metadata",
    "labels[]",
    (_, { key }) => isOurKeyButNotOurs(key),
    (_, { key }) => `sets the label ${quote(String(key))}, which is Greenroom's`,
    "Take it out.",
  ),
  rule(
    "metadata",
    "annotations[]",
    (_, { key }) => isOurKeyButNotOurs(key),
    (_, { key }) => `sets the annotation ${quote(String(key))}, which is Greenroom's`,
    "Take it out.",
  ),
  rule(
    "metadata",
    "annotations[]",
    (value, { key }) => powerOf(String(key), value) !== undefined,
    (value, { key }) => `${powerOf(String(key), value) ?? ""} (annotation ${quote(String(key))})`,
    "Take the annotation out of previews.",
  ),

  ...podRules,

  rule(
    "kind Service",
    "spec.type",
    is("ExternalName"),
    "is an alias for a host outside",
    "Use that host name in the configuration of the program that connects to it.",
  ),
  rule("kind Service", "spec.type", is("LoadBalancer"), "asks the cloud for a load balancer", greenroomMakes),
  rule("kind Service", "spec.type", is("NodePort"), "opens a port on every node", greenroomMakes),
  rule("kind Service", "spec.externalName", isSet, "is an alias for a host outside", "Take `externalName` out."),
  rule("kind Service", "spec.externalIPs", isSet, "takes over addresses (`externalIPs`)", greenroomMakes),
  rule("kind Service", "spec.ports[].nodePort", isSet, "opens a port on every node", "Take `nodePort` out."),
  rule(
    "kind Service",
    "spec.selector",
    isMissing,
    "has no selector, so that it could send traffic anywhere",
    "Give it the labels of the pods that serve it.",
  ),

  rule("kind Ingress", "spec.rules[].host", isForeignHost, hostWhat, hostRemedy),
  rule("kind Ingress", "spec.tls[].hosts[]", isForeignHost, hostWhat, hostRemedy),
  rule("kind Ingress", "spec.defaultBackend", isSet, "answers to every host", hostRemedy),

  rule(
    "kind Secret",
    "type",
    is("kubernetes.io/service-account-token"),
    "asks for a token that does not expire",
    "Leave it out; a program that needs the API gets a token by `automountServiceAccountToken: true`.",
  ),
  rule(
    "kind Secret",
    "type",
    is("helm.sh/release.v1", "bootstrap.kubernetes.io/token"),
    (value) => `is of the type ${quote(String(value))}, which has a meaning to the cluster's own programs`,
    "Use `Opaque`.",
  ),
  rule("kind ServiceAccount", "metadata.name", is("default"), "changes the namespace's default account", otherName),
  rule("kind ConfigMap", "metadata.name", is("kube-root-ca.crt"), "is the cluster's own", otherName),

  rule(
    "kind Role",
    "rules[]",
    (value) => beyondGrantable(value) !== undefined,
    (value) => `grants ${quote(beyondGrantable(value) ?? "")}, more than a program of a preview may have`,
    "Grant what is needed by name, without `*`; see the documentation for what a preview's programs may do.",
  ),
  rule(
    "kind RoleBinding",
    "roleRef",
    (value, { objects }) => !bindsOwnRole(value, objects),
    "binds a role that is not a Role of this preview",
    "Bring a Role and bind that.",
  ),
  rule(
    "kind RoleBinding",
    "subjects[]",
    isForeignSubject,
    "grants rights to someone outside of this preview",
    "Name ServiceAccounts of this preview only.",
  ),

  rule(
    "kind HorizontalPodAutoscaler",
    "spec.scaleTargetRef.kind",
    isOtherThan("Deployment", "StatefulSet", "ReplicaSet"),
    "scales something that is not a workload",
    "Let it scale a Deployment or a StatefulSet.",
  ),
];

function isOurKeyButNotOurs(key: string | number): boolean {
  return String(key).startsWith(keyPrefix) && !ourKeys.includes(String(key));
}
