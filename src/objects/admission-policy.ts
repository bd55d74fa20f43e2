import {
  harmlessAnnotations,
  madeSpec,
  none,
  podVariables,
  spec,
  type Validation,
  type Variable,
  writtenSpec,
} from "./admission-pod-rules.ts";
import { grantable } from "./grantable.ts";
import { allowedKinds, groupOf } from "./kinds.ts";
import type { KubernetesObject } from "./kubernetes-object.ts";
import { labels } from "./our-names.ts";

type ResourceRule = { apiGroups: string[]; resources: string[] };

/** One policy of the cluster, which the API server applies in every namespace of a preview. */
type Policy = {
  name: string;
  resources: ResourceRule[];
  /** Only for what attempts send; else for everyone, controllers included. */
  deployersOnly: boolean;
  variables?: Variable[];
  validations: Validation[];
};

const list = (words: readonly string[]) => `[${words.map((word) => `'${word}'`).join(", ")}]`;

const readable = [...new Set(grantable.flatMap(({ resources }) => resources))];
const writable = [
  ...new Set(grantable.filter(({ verbs }) => verbs.includes("create")).flatMap(({ resources }) => resources)),
];
const writing = ["create", "update", "patch", "delete"];

const claim = (holder: string) =>
  `(${["volumeName", "selector", "dataSource", "dataSourceRef"].map((field) => `!has(${holder}.${field})`).join(" && ")})`;
const isOurHost = (host: string) =>
  `(${host}.startsWith(variables.preview + '.') || ${host}.contains('--' + variables.preview + '.'))`;

const policies: readonly Policy[] = [
  {
    name: "pods",
    resources: [{ apiGroups: [""], resources: ["pods", "pods/ephemeralcontainers"] }],
    deployersOnly: false,
    variables: podVariables("object"),
    validations: [...spec, ...madeSpec],
  },
  {
    name: "workloads",
    resources: [
      { apiGroups: ["apps"], resources: ["deployments", "statefulsets", "daemonsets", "replicasets"] },
      { apiGroups: ["batch"], resources: ["jobs"] },
    ],
    deployersOnly: false,
    variables: podVariables("object.spec.template"),
    validations: [...spec, ...writtenSpec],
  },
  {
    name: "cronjobs",
    resources: [{ apiGroups: ["batch"], resources: ["cronjobs"] }],
    deployersOnly: false,
    variables: podVariables("object.spec.jobTemplate.spec.template"),
    validations: [...spec, ...writtenSpec],
  },
  {
    name: "services",
    resources: [{ apiGroups: [""], resources: ["services"] }],
    deployersOnly: false,
    validations: [
      {
        expression: "!has(object.spec.type) || object.spec.type == 'ClusterIP'",
        message: "Services of previews are of the type ClusterIP",
      },
      {
        expression: "!has(object.spec.externalIPs) || object.spec.externalIPs.size() == 0",
        message: "Services of previews have no externalIPs",
      },
      {
        expression: "has(object.spec.selector) && object.spec.selector.size() > 0",
        message: "Services of previews select their pods",
      },
    ],
  },
  {
    name: "ingresses",
    resources: [{ apiGroups: ["networking.k8s.io"], resources: ["ingresses"] }],
    deployersOnly: false,
    variables: [{ name: "preview", expression: `namespaceObject.metadata.labels['${labels.preview}']` }],
    validations: [
      {
        expression: `!has(object.spec.defaultBackend) && (!has(object.spec.rules) || object.spec.rules.all(r, has(r.host) && ${isOurHost("r.host")}))`,
        message: "Ingresses of previews answer to hosts of that preview only",
      },
      {
        expression: `!has(object.spec.tls) || object.spec.tls.all(t, has(t.hosts) && t.hosts.all(h, ${isOurHost("h")}))`,
        message: "Ingresses of previews have certificates for hosts of that preview only",
      },
    ],
  },
  {
    name: "claims",
    resources: [{ apiGroups: [""], resources: ["persistentvolumeclaims"] }],
    deployersOnly: true,
    validations: [
      {
        // The cluster itself writes the name of the volume into a claim that it binds.
        expression: `${claim("object.spec")} || (request.operation == 'UPDATE' && has(oldObject.spec.volumeName) && object.spec.volumeName == oldObject.spec.volumeName)`,
        message: "claims of previews get a new volume",
      },
    ],
  },
  {
    name: "secrets",
    resources: [{ apiGroups: [""], resources: ["secrets"] }],
    deployersOnly: false,
    validations: [
      {
        expression:
          "!has(object.type) || !(object.type in ['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'])",
        message: "Secrets of previews are no tokens of the cluster",
      },
    ],
  },
  {
    name: "roles",
    resources: [{ apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles"] }],
    deployersOnly: true,
    validations: [
      {
        expression: `!has(object.rules) || object.rules.all(r, !has(r.nonResourceURLs) && has(r.resources) && r.resources.all(n, n in ${list(readable)} && r.verbs.all(v, v in ['get', 'list', 'watch'] || (v in ${list(writing)} && n in ${list(writable)}))))`,
        message: "Roles of previews grant no more than a program of a preview may have",
      },
    ],
  },
  {
    name: "rolebindings",
    resources: [{ apiGroups: ["rbac.authorization.k8s.io"], resources: ["rolebindings"] }],
    deployersOnly: true,
    validations: [
      { expression: "object.roleRef.kind == 'Role'", message: "previews bind Roles of their own" },
      {
        expression: none(
          "object",
          "subjects",
          "s",
          "s.kind != 'ServiceAccount' || (has(s.namespace) && s.namespace != object.metadata.namespace)",
        ),
        message: "previews grant rights to ServiceAccounts of their own only",
      },
    ],
  },
  {
    name: "objects",
    resources: [...Map.groupBy(allowedKinds, ({ apiVersion }) => groupOf(apiVersion))].map(([group, kinds]) => ({
      apiGroups: [group],
      resources: [...new Set(kinds.map(({ resource }) => resource))],
    })),
    deployersOnly: true,
    validations: [
      {
        expression: "!object.metadata.name.startsWith('greenroom-')",
        message: "names that start with greenroom- are Greenroom's",
      },
      {
        expression: "!(object.kind == 'ServiceAccount' && object.metadata.name == 'default')",
        message: "the default account of a preview is Greenroom's",
      },
      {
        // Kubernetes sets its own, which say `kubernetes.io/`, and controllers theirs, which an update sends back.
        expression: none(
          "object.metadata",
          "finalizers",
          "f",
          "!f.startsWith('kubernetes.io/') && (oldObject == null || !has(oldObject.metadata.finalizers) || !(f in oldObject.metadata.finalizers))",
        ),
        message: "objects of previews have no finalizers",
      },
      {
        expression: "request.operation == 'UPDATE' || !has(object.metadata.ownerReferences)",
        message: "objects of previews claim no owner",
      },
      harmlessAnnotations("object.metadata"),
    ],
  },
];

/**
 * The essential rules of the guard as policies of the API server, on every namespace of a preview: they hold however an
 * object comes there, by a program of the preview, an operator's kind or a bug of ours.
 */
export function admissionPolicies(deployersNamespace: string): KubernetesObject[] {
  return policies.flatMap(({ name: short, resources, deployersOnly, variables = [], validations }) => {
    const name = `greenroom-preview-${short}`;
    const deployer = `request.userInfo.username.startsWith('system:serviceaccount:${deployersNamespace}:')`;
    return [
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicy",
        metadata: { name },
        spec: {
          failurePolicy: "Fail",
          matchConstraints: {
            resourceRules: resources.map((rule) => ({ ...rule, apiVersions: ["*"], operations: ["CREATE", "UPDATE"] })),
          },
          ...(deployersOnly && { matchConditions: [{ name: "deployer", expression: deployer }] }),
          ...(variables.length > 0 && { variables }),
          validations,
        },
      },
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name },
        spec: {
          policyName: name,
          validationActions: ["Deny"],
          matchResources: { namespaceSelector: { matchExpressions: [{ key: labels.preview, operator: "Exists" }] } },
        },
      },
    ];
  });
}
