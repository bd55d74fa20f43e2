import type { Json } from "../../../src/objects/read.ts";
import { pod } from "./cluster.ts";
import { explain, type Row } from "./diagnose-cases.ts";

const image = (message: string, name = "ghcr.io/acme/web:9") => explain({ is: "image-pull", image: name, message });
const refused = (message: string) =>
  explain({ is: "create-refused", message: `pods "web-2-" is forbidden: ${message}` });
const place = (message: string, spec: Json = {}) =>
  explain({ is: "unschedulable", message }, {}, "", [pod("ReplicaSet/web-2", {}, { spec })]);
const claim = (message: string) => explain({ is: "claim-unbound", message });

/** What registries, the API server, the scheduler and volumes answer. */
export const clusterRows: Row[] = [
  [
    "a missing tag",
    image('failed to pull and unpack image "ghcr.io/acme/web:9": ghcr.io/acme/web:9: not found'),
    "image-not-found",
    "`web` cannot start, because its image `ghcr.io/acme/web:9` does not exist.",
    /greenroom\.yaml/,
  ],
  [
    "a private image",
    image("failed to authorize: failed to fetch anonymous token: 401 Unauthorized"),
    "image-unauthorized",
    /`ghcr\.io` refuses it/,
    /imagePullSecrets/,
  ],
  [
    "a repository that may not exist",
    image("pull access denied, repository does not exist or may require authorization", "acme/web"),
    "image-unauthorized",
    /`docker\.io` refuses it/,
    /name first/,
  ],
  [
    "a rate limit",
    image("429 Too Many Requests - toomanyrequests: You have reached your pull rate limit"),
    "image-rate-limited",
    /limits how often/,
    /later/,
    "operator",
  ],
  [
    "no image for the platform",
    image("no match for platform in manifest: not found"),
    "image-platform",
    /platform/,
    /tag/,
  ],
  [
    "no image name",
    image('couldn\'t parse image name "web:": invalid reference format', "web:"),
    "image-name-invalid",
    "`web` cannot start, because its image `web:` is no valid image name.",
    /gap/,
  ],
  [
    "a registry out of reach",
    image("dial tcp: i/o timeout"),
    "image-pull-failed",
    /cannot be pulled from `ghcr\.io`/,
    /out of reach/,
    "operator",
  ],
  [
    "a quota",
    refused("exceeded quota: greenroom, requested: requests.cpu=64, used: requests.cpu=20m, limited: requests.cpu=4"),
    "quota-exceeded",
    "The pods of `Deployment/web` cannot be created: one asks for `64` of CPU (`resources.requests.cpu`), where a preview may have `4` and uses `20m` already.",
    /Ask for less/,
  ],
  [
    "two quotas",
    refused(
      "exceeded quota: greenroom, requested: limits.memory=9Gi,requests.memory=9Gi, used: limits.memory=1Gi,requests.memory=1Gi, limited: limits.memory=8Gi,requests.memory=8Gi",
    ),
    "quota-exceeded",
    /`9Gi` of memory \(`resources\.limits\.memory`\), where .*8Gi.* and `9Gi` of memory \(`resources\.requests\.memory`\)/,
    /./,
  ],
  [
    "a missing account",
    refused('error looking up service account preview-12-shop/web: serviceaccount "web" not found'),
    "missing-service-account",
    /ServiceAccount `web` does not exist/,
    /Bring `ServiceAccount\/web`/,
  ],
  [
    "Pod Security",
    refused(
      'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)',
    ),
    "pod-security",
    /Pod Security Standard `restricted`/,
    /securityContext/,
  ],
  [
    "a request over the default limit",
    refused('Invalid value: "4Gi": must be less than or equal to memory limit of 1Gi'),
    "memory-request-over-limit",
    /more memory than the limit/,
    /limits\.memory/,
  ],
  ["another refusal", refused("no"), "create-refused", /API server refuses/, /message/],
  [
    "no CPU",
    place("0/1 nodes are available: 1 Insufficient cpu. preemption: …"),
    "unschedulable",
    "No node has room for a pod of `web`: not enough `cpu` (it asks for `64`).",
    /requests/,
  ],
  [
    "neither CPU nor memory",
    place("0/3 nodes are available: 2 Insufficient cpu, 3 Insufficient memory."),
    "unschedulable",
    /not enough `cpu` \(it asks for `64`\) and `memory`/,
    /./,
  ],
  [
    "no such node",
    place("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", {
      nodeSelector: { disk: "nvme" },
    }),
    "unschedulable",
    "No node fits a pod of `web`: none has the label `disk=nvme`, which it selects.",
    /nodeSelector/,
  ],
  [
    "no such affinity",
    place("1 node(s) didn't match Pod's node affinity/selector"),
    "unschedulable",
    /its `affinity`/,
    /./,
  ],
  [
    "no node of its own",
    place("1 node(s) didn't match pod anti-affinity rules"),
    "unschedulable",
    /may not share/,
    /one replica/,
  ],
  [
    "full nodes",
    place("0/1 nodes are available: 1 Too many pods."),
    "unschedulable",
    /as many pods as it may/,
    /./,
    "operator",
  ],
  [
    "no node for another reason",
    place("1 node(s) had untolerated taint {a: b}"),
    "unschedulable",
    "No node takes a pod of `web`.",
    /operator/,
    "operator",
  ],
  [
    "no such storage class",
    claim('PersistentVolumeClaim/data: storageclass.storage.k8s.io "fast" not found'),
    "claim-unbound",
    "`web` gets no volume for `PersistentVolumeClaim/data`: there is no StorageClass `fast`.",
    /storageClassName/,
  ],
  [
    "no storage class at all",
    claim("PersistentVolumeClaim/data: no persistent volumes available for this claim and no storage class is set"),
    "claim-unbound",
    /has no default/,
    /operator/,
    "operator",
  ],
  [
    "another claim",
    claim("pod has unbound immediate PersistentVolumeClaims"),
    "claim-unbound",
    "`web` gets no volume.",
    /size/,
  ],
  [
    "a missing claim",
    claim('persistentvolumeclaim "data" not found'),
    "missing-reference",
    "`web` cannot start, because `PersistentVolumeClaim/data`, which it mounts, does not exist.",
    /Bring/,
  ],
  [
    "a missing mount",
    explain({ is: "volume", message: 'MountVolume.SetUp failed for volume "a" : secret "tls" not found' }),
    "missing-reference",
    /`Secret\/tls`, which it mounts, does not exist/,
    /optional/,
  ],
  ["another volume", explain({ is: "volume", message: "Multi-Attach error" }), "volume", /cannot mount/, /message/],
  [
    "no network",
    explain({ is: "sandbox", message: "no addresses left" }),
    "pod-sandbox",
    /The node could not set up/,
    /cluster's trouble/,
    "operator",
  ],
];
