import { is, isOtherThan, isSet, rule, type Rule } from "./guard-rule.ts";
import { isReserved } from "./our-names.ts";
import { isMap, textOf } from "./read.ts";
import { quote } from "./words.ts";

/** Capabilities, sysctls and SELinux types that Kubernetes' Pod Security Standard "baseline" lets a pod have. */
const capabilities = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];
const sysctls = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
];
const seLinuxTypes = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

export const volumeTypes = [
  "configMap",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const projectedSources = ["clusterTrustBundle", "configMap", "downwardAPI", "secret", "serviceAccountToken"];

const takeOut = "Take the field out.";
const schedulerDecides = "Take the field out; the cluster's scheduler finds a node.";
const ownSecret = "refers to a Secret that is Greenroom's own";
const useOwnSecret = "Use a Secret of the chart.";

const isReservedName: Rule["refuse"] = (value) => typeof value === "string" && isReserved(value);
const otherKeyThan =
  (known: readonly string[]): Rule["refuse"] =>
  (value) =>
    isMap(value) && Object.keys(value).some((key) => key !== "name" && !known.includes(key));
const unknownKey = (value: unknown, known: readonly string[]) =>
  quote(Object.keys(isMap(value) ? value : {}).find((key) => key !== "name" && !known.includes(key)) ?? "");

/** Fields that a pod and each of its containers have alike. */
function securityContextRules(on: "pod" | "container"): Rule[] {
  return [
    rule(
      on,
      "securityContext.seccompProfile.type",
      is("Unconfined"),
      "switches its seccomp profile off",
      "Use `RuntimeDefault`.",
    ),
    rule(
      on,
      "securityContext.appArmorProfile.type",
      is("Unconfined"),
      "switches its AppArmor profile off",
      "Use `RuntimeDefault`.",
    ),
    rule(
      on,
      "securityContext.seLinuxOptions.type",
      isOtherThan(...seLinuxTypes),
      (value) => `chooses the SELinux type ${quote(String(value))}`,
      takeOut,
    ),
    rule(on, "securityContext.seLinuxOptions.user", isSet, "chooses an SELinux user", takeOut),
    rule(on, "securityContext.seLinuxOptions.role", isSet, "chooses an SELinux role", takeOut),
    rule(on, "securityContext.windowsOptions.hostProcess", isSet, "runs as a process of its node", takeOut),
  ];
}

const probes = ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"];

export const podRules: readonly Rule[] = [
  rule(
    "pod",
    "hostNetwork",
    isSet,
    "shares the network of its node",
    "Take `hostNetwork` out; the preview's address is served through a Service.",
  ),
  rule("pod", "hostPID", isSet, "sees the processes of its node", takeOut),
  rule("pod", "hostIPC", isSet, "shares the memory segments of its node", takeOut),
  rule("pod", "nodeName", isSet, "chooses its node past the scheduler", schedulerDecides),
  rule("pod", "priorityClassName", isSet, "asks for priority over other workloads", takeOut),
  rule("pod", "priority", isSet, "asks for priority over other workloads", takeOut),
  rule("pod", "tolerations", isSet, "tolerates taints, by which nodes are kept for others", schedulerDecides),
  rule("pod", "schedulerName", isOtherThan("default-scheduler"), "chooses its scheduler", schedulerDecides),
  rule("pod", "runtimeClassName", isSet, "chooses its container runtime", takeOut),
  rule("pod", "resourceClaims", isSet, "claims devices", takeOut),
  rule(
    "pod",
    "securityContext.sysctls[].name",
    isOtherThan(...sysctls),
    (value) => `sets the kernel parameter ${quote(String(value))}`,
    takeOut,
  ),
  ...securityContextRules("pod"),

  rule(
    "pod",
    "volumes[].hostPath",
    isSet,
    "mounts a directory of its node (`hostPath`)",
    "Use `emptyDir`, a ConfigMap or a PersistentVolumeClaim.",
  ),
  rule(
    "pod",
    "volumes[]",
    otherKeyThan([...volumeTypes, "hostPath"]),
    (value) => `has a volume of type ${unknownKey(value, volumeTypes)}`,
    `Use one of ${volumeTypes.map(quote).join(", ")}.`,
  ),
  rule("pod", "volumes[].secret.secretName", isReservedName, ownSecret, useOwnSecret),
  rule("pod", "volumes[].projected.sources[].secret.name", isReservedName, ownSecret, useOwnSecret),
  rule(
    "pod",
    "volumes[].projected.sources[].serviceAccountToken.audience",
    isSet,
    "asks for a token with which it could log in elsewhere",
    "Leave `audience` out; the token is then for this cluster's API.",
  ),
  rule(
    "pod",
    "volumes[].projected.sources[]",
    otherKeyThan(projectedSources),
    (value) => `has a projected volume of type ${unknownKey(value, projectedSources)}`,
    `Use one of ${projectedSources.map(quote).join(", ")}.`,
  ),

  rule(
    "container",
    "securityContext.privileged",
    isSet,
    "runs privileged, that is as root of its node",
    "Take `privileged` out; most programs need at most a capability such as `NET_BIND_SERVICE`.",
  ),
  rule(
    "container",
    "securityContext.capabilities.add[]",
    isOtherThan(...capabilities),
    (value) => `asks for the capability ${quote(String(value))}`,
    `Leave it out. Allowed are ${capabilities.join(", ")}.`,
  ),
  rule("container", "securityContext.procMount", isOtherThan("Default"), "unmasks /proc", takeOut),
  ...securityContextRules("container"),
  rule("container", "ports[].hostPort", isSet, "opens a port on its node", "Take `hostPort` out and use a Service."),
  // The kubelet connects, and it can reach what the preview cannot.
  ...probes.flatMap((probe) =>
    ["httpGet", "tcpSocket"].map((way) =>
      rule(
        "container",
        `${probe}.${way}.host`,
        isSet,
        "has its node connect to another host",
        "Take `host` out; the pod itself is then asked.",
      ),
    ),
  ),
  rule("container", "env[].valueFrom.secretKeyRef.name", isReservedName, ownSecret, useOwnSecret),
  rule("container", "envFrom[].secretRef.name", isReservedName, ownSecret, useOwnSecret),

  rule(
    "claim",
    "volumeName",
    isSet,
    "chooses its volume, which may hold the data of others",
    "Leave `volumeName` out; a new volume is made.",
  ),
  rule(
    "claim",
    "selector",
    isSet,
    "chooses its volume, which may hold the data of others",
    "Leave `selector` out; a new volume is made.",
  ),
  rule(
    "claim",
    "dataSource",
    isSet,
    "copies another volume",
    "Leave it out; fill the volume with a Job or an init container.",
  ),
  rule(
    "claim",
    "dataSourceRef",
    isSet,
    "copies another volume",
    "Leave it out; fill the volume with a Job or an init container.",
  ),
];

/** Annotations by which add-ons of a cluster give pods or names more than the fields above could. */
export const powerfulAnnotations: readonly { key: RegExp; value?: RegExp; what: string }[] = [
  {
    key: /^container\.apparmor\.security\.beta\.kubernetes\.io\//,
    value: /^unconfined$/,
    what: "switches its AppArmor profile off",
  },
  {
    key: /^(container\.)?seccomp\.security\.alpha\.kubernetes\.io\//,
    value: /^unconfined$/,
    what: "switches its seccomp profile off",
  },
  { key: /^k8s\.v1\.cni\.cncf\.io\/networks$/, what: "joins further networks" },
  {
    key: /^(iam\.amazonaws\.com\/role|eks\.amazonaws\.com\/(role-arn|audience)|iam\.gke\.io\/gcp-service-account|azure\.workload\.identity\/.*)$/,
    what: "takes an identity in the cloud",
  },
  { key: /^external-dns\.alpha\.kubernetes\.io\//, what: "asks for DNS names" },
  {
    key: /-snippet$|^nginx\.ingress\.kubernetes\.io\/server-alias$|^alb\.ingress\.kubernetes\.io\/group\.name$/,
    what: "changes the ingress controller's configuration for others",
  },
];

/** What an annotation would do that it may not, if anything. */
export function powerOf(key: string, value: unknown): string | undefined {
  return powerfulAnnotations.find(
    (power) => power.key.test(key) && (power.value === undefined || power.value.test(textOf(value) ?? "")),
  )?.what;
}
