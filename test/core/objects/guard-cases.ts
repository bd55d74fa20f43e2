import type { Allowance } from "../../../src/objects/guard-rule.ts";
import type { SourcedObject } from "../../../src/objects/kubernetes-object.ts";
import type { Json } from "../../../src/objects/read.ts";
import { sourced, workload, workloadKinds } from "./builders.ts";
import { type Attempt, podAttempts } from "./guard-pod-cases.ts";

export const allowance: Allowance = { namespace: "preview-12-shop", hosts: ["12-shop.preview.example"], kinds: [] };

export const object = (apiVersion: string, kind: string, rest: Json = {}) =>
  sourced({ apiVersion, kind, metadata: { name: "x" }, ...rest });
const service = (spec: Json) => object("v1", "Service", { spec: { selector: { app: "web" }, ...spec } });
const ingress = (spec: Json) => object("networking.k8s.io/v1", "Ingress", { spec });
const claim = (spec: Json) => object("v1", "PersistentVolumeClaim", { spec });
export const role = (...rules: Json[]) => object("rbac.authorization.k8s.io/v1", "Role", { rules });
const binding = (roleRef: Json, ...subjects: Json[]) =>
  object("rbac.authorization.k8s.io/v1", "RoleBinding", {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", ...roleRef },
    subjects,
  });

const claimSpec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };

/** A typical chart, which must pass as it is. */
export const harmless: SourcedObject[] = [
  object("v1", "ConfigMap", { data: { a: "b" } }),
  object("v1", "Secret", { type: "Opaque", stringData: { a: "b" } }),
  object("v1", "ServiceAccount"),
  object("v1", "PersistentVolumeClaim", {
    spec: claimSpec,
  }),
  service({ type: "ClusterIP", ports: [{ port: 80, nodePort: 0 }], externalIPs: [] }),
  ingress({
    rules: [{ host: "12-Shop.preview.example", http: {} }],
    tls: [{ hosts: ["12-shop.preview.example"], secretName: "t" }],
  }),
  object("autoscaling/v2", "HorizontalPodAutoscaler", {
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } },
  }),
  role({ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "update"] }),
  binding({ kind: "Role", name: "x" }, { kind: "ServiceAccount", name: "x", namespace: "preview-12-shop" }),
  ...workloadKinds.map((kind) =>
    workload(kind, {
      hostNetwork: false,
      serviceAccountName: "x",
      nodeSelector: { disk: "nvme" },
      tolerations: [],
      schedulerName: "default-scheduler",
      hostAliases: [{ ip: "127.0.0.1", hostnames: ["db"] }],
      imagePullSecrets: [{ name: "greenroom-registry" }],
      securityContext: {
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
        sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }],
      },
      volumes: [
        { name: "a", emptyDir: {} },
        { name: "b", configMap: { name: "x" } },
        { name: "c", projected: { sources: [{ serviceAccountToken: { path: "token" } }, { secret: { name: "x" } }] } },
        { name: "d", ephemeral: { volumeClaimTemplate: { spec: claimSpec } } },
      ],
      initContainers: [{ name: "i", image: "i", restartPolicy: "Always" }],
      containers: [
        {
          name: "c",
          image: "i",
          securityContext: {
            privileged: false,
            capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
            procMount: "Default",
          },
          ports: [{ containerPort: 80, hostPort: 0 }],
          livenessProbe: { httpGet: { path: "/", port: 80 } },
          env: [{ name: "A", valueFrom: { secretKeyRef: { name: "x", key: "a" } } }],
          volumeMounts: [{ name: "a", mountPath: "/a", subPath: "b" }],
        },
      ],
    }),
  ),
];

/** Attempts of every kind. */
export const attempts: Attempt[] = [
  [
    "no name",
    sourced({ apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "a-" } }),
    "metadata.name",
    "no name",
  ],
  [
    "our name",
    sourced({ apiVersion: "v1", kind: "Secret", metadata: { name: "greenroom-registry" } }),
    "metadata.name",
    "Greenroom's",
  ],
  [
    "a release record",
    sourced({ apiVersion: "v1", kind: "Secret", metadata: { name: "sh.helm.release.v1.shop.v9" } }),
    "metadata.name",
    "Helm's",
  ],
  [
    "another namespace",
    sourced({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "kube-system" } }),
    "metadata.namespace",
    "`kube-system`",
  ],
  [
    "a finalizer",
    sourced({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", finalizers: ["a/b"] } }),
    "metadata.finalizers",
    "finalizers",
  ],
  [
    "an owner",
    sourced({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", ownerReferences: [{ uid: "1" }] } }),
    "metadata.ownerReferences",
    "owned",
  ],
  [
    "our label",
    sourced({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a", labels: { "greenroom.dev/tier": "trusted" } },
    }),
    "metadata.labels[greenroom.dev/tier]",
    "Greenroom's",
  ],
  [
    "our annotation",
    sourced({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", annotations: { "greenroom.dev/x": "y" } } }),
    "metadata.annotations[greenroom.dev/x]",
    "Greenroom's",
  ],
  [
    "a cloud identity",
    sourced({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "a", annotations: { "eks.amazonaws.com/role-arn": "arn:x" } },
    }),
    "metadata.annotations[eks.amazonaws.com/role-arn]",
    "identity in the cloud",
  ],
  [
    "a DNS name",
    sourced({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "a", annotations: { "external-dns.alpha.kubernetes.io/hostname": "www.example" } },
      spec: { selector: { a: "b" } },
    }),
    "metadata.annotations[external-dns.alpha.kubernetes.io/hostname]",
    "DNS names",
  ],
  [
    "another network",
    sourced({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "a", annotations: { "k8s.v1.cni.cncf.io/networks": "host" } },
    }),
    "metadata.annotations[k8s.v1.cni.cncf.io/networks]",
    "further networks",
  ],
  ...podAttempts,
  ["a certain volume", claim({ volumeName: "pv-1" }), "spec.volumeName", "data of others"],
  ["a selected volume", claim({ selector: { matchLabels: { a: "b" } } }), "spec.selector", "data of others"],
  ["a copied volume", claim({ dataSource: { kind: "VolumeSnapshot", name: "a" } }), "spec.dataSource", "copies"],
  [
    "a copied volume by reference",
    claim({ dataSourceRef: { kind: "VolumeSnapshot", name: "a", namespace: "prod" } }),
    "spec.dataSourceRef",
    "copies",
  ],
  ["an alias", service({ type: "ExternalName" }), "spec.type", "alias"],
  ["an alias by name", service({ externalName: "db.prod.svc" }), "spec.externalName", "alias"],
  ["a load balancer", service({ type: "LoadBalancer" }), "spec.type", "load balancer"],
  ["a node port", service({ type: "NodePort" }), "spec.type", "every node"],
  ["a certain node port", service({ ports: [{ port: 80, nodePort: 30_080 }] }), "spec.ports[0].nodePort", "every node"],
  ["external addresses", service({ externalIPs: ["1.1.1.1"] }), "spec.externalIPs", "addresses"],
  ["no selector", object("v1", "Service", { spec: { ports: [] } }), "spec.selector", "anywhere"],
  ["an empty selector", service({ selector: {} }), "spec.selector", "anywhere"],
  ["a foreign host", ingress({ rules: [{ host: "www.example" }] }), "spec.rules[0].host", "`www.example`"],
  [
    "a neighbour's host",
    ingress({ rules: [{ host: "13-shop.preview.example" }] }),
    "spec.rules[0].host",
    "`13-shop.preview.example`",
  ],
  ["a wildcard host", ingress({ rules: [{ host: "*.preview.example" }] }), "spec.rules[0].host", "`*.preview.example`"],
  ["every host", ingress({ rules: [{ http: {} }] }), "spec.rules[0].host", "every host"],
  [
    "a certificate for a foreign host",
    ingress({ rules: [{ host: "12-shop.preview.example" }], tls: [{ hosts: ["www.example"] }] }),
    "spec.tls[0].hosts[0]",
    "`www.example`",
  ],
  ["a default backend", ingress({ defaultBackend: { service: {} } }), "spec.defaultBackend", "every host"],
  ["an account's token", object("v1", "Secret", { type: "kubernetes.io/service-account-token" }), "type", "token"],
  ["a Helm secret", object("v1", "Secret", { type: "helm.sh/release.v1" }), "type", "`helm.sh/release.v1`"],
  [
    "the default account",
    sourced({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } }),
    "metadata.name",
    "default account",
  ],
  [
    "the cluster's certificate",
    sourced({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kube-root-ca.crt" } }),
    "metadata.name",
    "cluster's own",
  ],
  ["a rule on everything", role({ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }), "rules[0]", "`* *`"],
  [
    "a rule to read secrets",
    role({ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }),
    "rules[0]",
    "`get secrets`",
  ],
  [
    "a rule to make pods",
    role({ apiGroups: [""], resources: ["pods"], verbs: ["get", "create"] }),
    "rules[0]",
    "`create pods`",
  ],
  [
    "a rule to escalate",
    role({ apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles"], verbs: ["escalate", "bind"] }),
    "rules[0]",
    "`escalate bind roles`",
  ],
  ["a rule on URLs", role({ nonResourceURLs: ["/metrics"], verbs: ["get"] }), "rules[0]", "URLs"],
  [
    "a binding of a ClusterRole",
    binding({ kind: "ClusterRole", name: "admin" }),
    "roleRef",
    "not a Role of this preview",
  ],
  [
    "a binding of a Role that is not here",
    binding({ kind: "Role", name: "y" }),
    "roleRef",
    "not a Role of this preview",
  ],
  [
    "a binding of a user",
    binding({ kind: "Role", name: "x" }, { kind: "User", name: "eve" }),
    "subjects[eve]",
    "outside",
  ],
  [
    "a binding of a foreign account",
    binding({ kind: "Role", name: "x" }, { kind: "ServiceAccount", name: "a", namespace: "prod" }),
    "subjects[a]",
    "outside",
  ],
  [
    "an autoscaler of something else",
    object("autoscaling/v2", "HorizontalPodAutoscaler", { spec: { scaleTargetRef: { kind: "Rollout" } } }),
    "spec.scaleTargetRef.kind",
    "not a workload",
  ],
];
