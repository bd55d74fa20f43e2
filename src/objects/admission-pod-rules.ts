import { powerfulAnnotations, volumeTypes } from "./guard-pod-rules.ts";
import { reservedPrefixes } from "./our-names.ts";

export type Validation = { expression: string; message: string };
export type Variable = { name: string; expression: string };

const reserved = (name: string) => reservedPrefixes.map((prefix) => `${name}.startsWith('${prefix}')`).join(" || ");

/** Nothing of a list, or no list at all, is so. */
export function none(holder: string, field: string, item: string, wrong: string): string {
  return `!has(${holder}.${field}) || !${holder}.${field}.exists(${item}, ${wrong})`;
}

const notSet = (...fields: string[]) =>
  fields.map((field) => `(!has(variables.spec.${field}) || !variables.spec.${field})`).join(" && ");

const orNone = (field: string) => `(has(variables.spec.${field}) ? variables.spec.${field} : [])`;
const empty = (field: string) => `!has(variables.spec.${field}) || variables.spec.${field} == ''`;

/** Whether something that the kubelet does for a container would have it connect to another host than the pod. */
const connectsElsewhere = (action: string) =>
  ["httpGet", "tcpSocket"].map((way) => `(has(${action}.${way}) && has(${action}.${way}.host))`).join(" || ");
const probes = ["livenessProbe", "readinessProbe", "startupProbe"].map(
  (probe) => `(has(c.${probe}) && (${connectsElsewhere(`c.${probe}`)}))`,
);
const hooks = ["postStart", "preStop"].map(
  (hook) => `(has(c.lifecycle) && has(c.lifecycle.${hook}) && (${connectsElsewhere(`c.lifecycle.${hook}`)}))`,
);

/** What holds for every pod, in CEL. */
export const spec: Validation[] = [
  {
    expression: notSet("hostNetwork", "hostPID", "hostIPC"),
    message: "previews do not share anything with their node",
  },
  {
    expression:
      "variables.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged)",
    message: "previews do not run privileged containers",
  },
  {
    expression: "variables.containers.all(c, !has(c.ports) || c.ports.all(p, !has(p.hostPort) || p.hostPort == 0))",
    message: "previews open no ports of their node",
  },
  {
    expression: `!variables.containers.exists(c, ${[...probes, ...hooks].join(" || ")})`,
    message: "probes and hooks of previews ask the pod itself only",
  },
  {
    expression: none(
      "variables.spec",
      "volumes",
      "v",
      `!(${volumeTypes.map((type) => `has(v.${type})`).join(" || ")})`,
    ),
    message: `volumes of previews are of the types ${volumeTypes.join(", ")}`,
  },
  {
    expression: none(
      "variables.spec",
      "volumes",
      "v",
      `has(v.secret) && has(v.secret.secretName) && (${reserved("v.secret.secretName")})`,
    ),
    message: "the Secrets of Greenroom and Helm are not for programs of previews",
  },
  {
    expression: none(
      "variables.spec",
      "volumes",
      "v",
      `has(v.projected) && has(v.projected.sources) && v.projected.sources.exists(s, (has(s.secret) && has(s.secret.name) && (${reserved("s.secret.name")})) || (has(s.serviceAccountToken) && has(s.serviceAccountToken.audience)))`,
    ),
    message: "projected volumes of previews hold neither Greenroom's Secrets nor tokens for elsewhere",
  },
  {
    expression: `variables.containers.all(c, (${none("c", "env", "e", `has(e.valueFrom) && has(e.valueFrom.secretKeyRef) && (${reserved("e.valueFrom.secretKeyRef.name")})`)}) && (${none("c", "envFrom", "e", `has(e.secretRef) && (${reserved("e.secretRef.name")})`)}))`,
    message: "the Secrets of Greenroom and Helm are not for programs of previews",
  },
  {
    expression: "!has(variables.spec.schedulerName) || variables.spec.schedulerName in ['', 'default-scheduler']",
    message: "previews use the cluster's scheduler",
  },
  { expression: empty("runtimeClassName"), message: "previews do not choose their container runtime" },
  { expression: "!has(variables.spec.resourceClaims)", message: "previews claim no devices" },
  harmlessAnnotations("variables.pod"),
];

/** What is only so in what people write: the API server and its controllers add some of these to pods. */
export const writtenSpec: Validation[] = [
  { expression: empty("nodeName"), message: "previews do not choose their node" },
  { expression: empty("priorityClassName"), message: "previews ask for no priority" },
  {
    expression: "!has(variables.spec.tolerations) || variables.spec.tolerations.size() == 0",
    message: "previews tolerate no taints",
  },
];

/** The same for pods themselves, with room for what the API server and its controllers add. */
export const madeSpec: Validation[] = [
  {
    expression: "request.operation == 'UPDATE' || !has(variables.spec.nodeName) || variables.spec.nodeName == ''",
    message: "previews do not choose their node",
  },
  {
    expression: "!has(variables.spec.priorityClassName) || !variables.spec.priorityClassName.startsWith('system-')",
    message: "previews ask for no priority",
  },
  {
    expression: none("variables.spec", "tolerations", "t", "!has(t.key) || !t.key.startsWith('node.kubernetes.io/')"),
    message: "previews tolerate no taints",
  },
];

/** Annotations that would give an object more than a preview may have, in metadata at a path. */
export function harmlessAnnotations(metadata: string): Validation {
  const powers = powerfulAnnotations.map(({ key, value }) => {
    const named = `k.matches(r'${key.source}')`;
    return value === undefined ? named : `(${named} && ${metadata}.annotations[k].matches(r'${value.source}'))`;
  });
  return {
    expression: none(metadata, "annotations", "k", powers.join(" || ")),
    message: "annotations of previews give no further networks, identities, names or configuration",
  };
}

/** What the rules below call `variables.spec`, `variables.pod` and `variables.containers`, for pods at a path. */
export function podVariables(path: string): Variable[] {
  return [
    { name: "pod", expression: `${path}.metadata` },
    { name: "spec", expression: `${path}.spec` },
    {
      name: "containers",
      expression: `variables.spec.containers + ${orNone("initContainers")} + ${orNone("ephemeralContainers")}`,
    },
  ];
}
