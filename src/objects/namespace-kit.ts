import { namespaceOf } from "../preview/names.ts";
import type { Preview } from "../preview/preview.ts";
import type { KubernetesObject } from "./kubernetes-object.ts";
import { ownerLabels } from "./label.ts";
import {
  limitRangeName,
  networkPolicyName,
  pullSecretName,
  quotaName,
  recordUidAnnotation,
  tierLabel,
} from "./our-names.ts";

/** How far a pull request is trusted. */
export type Tier = "trusted" | "fork";

/** What one preview may use, as Kubernetes quantities. */
export type Limits = {
  cpu: string;
  memory: string;
  storage: string;
  pods: number;
  claims: number;
  services: number;
  /** For containers that do not say what they need. */
  container: { cpu: string; memory: string; memoryLimit: string };
};

export const defaultLimits: Limits = {
  cpu: "4",
  memory: "8Gi",
  storage: "20Gi",
  pods: 40,
  claims: 10,
  services: 40,
  container: { cpu: "20m", memory: "64Mi", memoryLimit: "1Gi" },
};

export type KitOptions = {
  tier: Tier;
  limits: Limits;
  /** Body of a `.dockerconfigjson`; undefined where the registry wants no credentials. */
  pullSecret: string | undefined;
  /** Who may connect to the preview from outside: pods of these namespaces, and these addresses. */
  gateway: { namespaces: readonly string[]; cidrs: readonly string[] };
  /** Ranges of the cluster or company that are public addresses and yet none of a preview's business. */
  blockedCidrs: readonly string[];
};

const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"];
const privateRanges6 = ["fc00::/7", "fe80::/10"];

/** Everything that Greenroom puts into a preview's namespace before anything of the pull request's, the namespace first. */
export function namespaceKit(preview: Pick<Preview, "name" | "uid" | "spec">, options: KitOptions): KubernetesObject[] {
  const labels = {
    ...ownerLabels(preview),
    "app.kubernetes.io/managed-by": "greenroom",
  };
  const meta = (name: string) => ({ name, namespace: namespaceOf(preview.name), labels });
  const { limits, tier, pullSecret } = options;
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: namespaceOf(preview.name),
        labels: {
          ...labels,
          [tierLabel]: tier,
          "pod-security.kubernetes.io/enforce": tier === "fork" ? "restricted" : "baseline",
          "pod-security.kubernetes.io/warn": "restricted",
        },
        annotations: { [recordUidAnnotation]: preview.uid },
      },
    },
    { apiVersion: "v1", kind: "ResourceQuota", metadata: meta(quotaName), spec: { hard: quota(limits) } },
    { apiVersion: "v1", kind: "LimitRange", metadata: meta(limitRangeName), spec: { limits: limitRange(limits) } },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: meta(networkPolicyName),
      spec: networkPolicy(options),
    },
    pullSecretObject(meta(pullSecretName), pullSecret ?? '{"auths":{}}'),
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: meta("default"),
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: pullSecretName }],
    },
  ];
}

function pullSecretObject(metadata: KubernetesObject["metadata"], body: string): KubernetesObject {
  const data = { ".dockerconfigjson": Buffer.from(body).toString("base64") };
  return { apiVersion: "v1", kind: "Secret", metadata, type: "kubernetes.io/dockerconfigjson", data };
}

/** CPU has no limit, only a share: a preview alone on a node may use it all and starts the sooner. */
function quota(limits: Limits): Record<string, string> {
  return {
    "requests.cpu": limits.cpu,
    "requests.memory": limits.memory,
    "limits.memory": limits.memory,
    "requests.storage": limits.storage,
    pods: String(limits.pods),
    persistentvolumeclaims: String(limits.claims),
    services: String(limits.services),
    "services.loadbalancers": "0",
    "services.nodeports": "0",
  };
}

function limitRange({ container }: Limits): unknown[] {
  return [
    {
      type: "Container",
      defaultRequest: { cpu: container.cpu, memory: container.memory },
      default: { memory: container.memoryLimit },
    },
  ];
}

const isV6 = (cidr: string) => cidr.includes(":");

/**
 * One policy for all pods, so that there is no moment with only half of it: in from the same namespace and the
 * gateway; out to the same namespace, to name servers and to the internet without private and metadata addresses.
 */
function networkPolicy({ gateway, blockedCidrs }: KitOptions): Record<string, unknown> {
  const sameNamespace = { podSelector: {} };
  const gateways = [
    ...gateway.namespaces.map((name) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
    })),
    ...gateway.cidrs.map((cidr) => ({ ipBlock: { cidr } })),
  ];
  const internet = [
    { ipBlock: { cidr: "0.0.0.0/0", except: [...privateRanges, ...blockedCidrs.filter((cidr) => !isV6(cidr))] } },
    { ipBlock: { cidr: "::/0", except: [...privateRanges6, ...blockedCidrs.filter(isV6)] } },
  ];
  return {
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [sameNamespace, ...gateways] }],
    egress: [
      { to: [sameNamespace] },
      // Name servers are pods, processes of the node or addresses of the cloud, depending on the cluster; so by port.
      {
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
      { to: internet },
    ],
  };
}
