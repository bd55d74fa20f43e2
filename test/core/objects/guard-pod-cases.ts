import type { SourcedObject } from "../../../src/objects/kubernetes-object.ts";
import type { Json } from "../../../src/objects/read.ts";
import { pod } from "./builders.ts";

/** Each row: what a pull request tries, the field that the violation names, and words of its explanation. */
export type Attempt = [name: string, tried: SourcedObject, field: string, what: string];

const container = (fields: Json) => pod({ containers: [{ name: "c", image: "i", ...fields }] });
export const volume = (source: Json) => pod({ volumes: [{ name: "v", ...source }], containers: [] });
const host = { httpGet: { host: "169.254.169.254", port: 80 } };

export const podAttempts: Attempt[] = [
  ["the node's network", pod({ hostNetwork: true }), "spec.hostNetwork", "network of its node"],
  ["the node's processes", pod({ hostPID: true }), "spec.hostPID", "processes"],
  ["the node's memory", pod({ hostIPC: true }), "spec.hostIPC", "memory"],
  ["a node", pod({ nodeName: "master" }), "spec.nodeName", "past the scheduler"],
  ["a priority class", pod({ priorityClassName: "system-node-critical" }), "spec.priorityClassName", "priority"],
  ["a priority", pod({ priority: 9 }), "spec.priority", "priority"],
  ["a toleration", pod({ tolerations: [{ operator: "Exists" }] }), "spec.tolerations", "taints"],
  ["a scheduler", pod({ schedulerName: "mine" }), "spec.schedulerName", "scheduler"],
  ["a runtime", pod({ runtimeClassName: "kata" }), "spec.runtimeClassName", "runtime"],
  ["a device", pod({ resourceClaims: [{ name: "gpu" }] }), "spec.resourceClaims", "devices"],
  [
    "a sysctl",
    pod({ securityContext: { sysctls: [{ name: "kernel.msgmax", value: "1" }] } }),
    "spec.securityContext.sysctls[kernel.msgmax].name",
    "`kernel.msgmax`",
  ],
  ["a host path", volume({ hostPath: { path: "/" } }), "spec.volumes[v].hostPath", "hostPath"],
  ["an NFS volume", volume({ nfs: { server: "10.0.0.1", path: "/" } }), "spec.volumes[v]", "`nfs`"],
  ["a CSI volume", volume({ csi: { driver: "secrets-store.csi.k8s.io" } }), "spec.volumes[v]", "`csi`"],
  [
    "our secret as a volume",
    volume({ secret: { secretName: "greenroom-registry" } }),
    "spec.volumes[v].secret.secretName",
    "Greenroom's own",
  ],
  [
    "our secret in a projection",
    volume({ projected: { sources: [{ secret: { name: "greenroom-registry" } }] } }),
    "spec.volumes[v].projected.sources[0].secret.name",
    "Greenroom's own",
  ],
  [
    "a token for elsewhere",
    volume({ projected: { sources: [{ serviceAccountToken: { audience: "sts.amazonaws.com", path: "token" } }] } }),
    "spec.volumes[v].projected.sources[0].serviceAccountToken.audience",
    "log in elsewhere",
  ],
  [
    "a certificate",
    volume({ projected: { sources: [{ podCertificate: {} }] } }),
    "spec.volumes[v].projected.sources[0]",
    "`podCertificate`",
  ],
  [
    "privileged",
    container({ securityContext: { privileged: true } }),
    "spec.containers[c].securityContext.privileged",
    "privileged",
  ],
  [
    "a capability",
    container({ securityContext: { capabilities: { add: ["NET_ADMIN"] } } }),
    "spec.containers[c].securityContext.capabilities.add[0]",
    "`NET_ADMIN`",
  ],
  [
    "every capability",
    container({ securityContext: { capabilities: { add: ["ALL"] } } }),
    "spec.containers[c].securityContext.capabilities.add[0]",
    "`ALL`",
  ],
  [
    "unmasked /proc",
    container({ securityContext: { procMount: "Unmasked" } }),
    "spec.containers[c].securityContext.procMount",
    "/proc",
  ],
  [
    "a port of the node",
    container({ ports: [{ containerPort: 80, hostPort: 80 }] }),
    "spec.containers[c].ports[0].hostPort",
    "port on its node",
  ],
  ...["livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"].map(
    (probe): Attempt => {
      const [outer = "", inner] = probe.split(".");
      return [
        `${probe} to a host`,
        container({ [outer]: inner === undefined ? host : { [inner]: host } }),
        `spec.containers[c].${probe}.httpGet.host`,
        "another host",
      ];
    },
  ),
  ...["livenessProbe", "readinessProbe", "startupProbe"].map(
    (probe): Attempt => [
      `${probe} to a socket`,
      container({ [probe]: { tcpSocket: { host: "10.0.0.1" } } }),
      `spec.containers[c].${probe}.tcpSocket.host`,
      "another host",
    ],
  ),
  ...["postStart", "preStop"].map(
    (hook): Attempt => [
      `${hook} to a socket`,
      container({ lifecycle: { [hook]: { tcpSocket: { host: "10.0.0.1" } } } }),
      `spec.containers[c].lifecycle.${hook}.tcpSocket.host`,
      "another host",
    ],
  ),
  [
    "our secret in a variable",
    container({ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "greenroom-registry" } } }] }),
    "spec.containers[c].env[A].valueFrom.secretKeyRef.name",
    "Greenroom's own",
  ],
  [
    "our secret as variables",
    container({ envFrom: [{ secretRef: { name: "sh.helm.release.v1.a.v1" } }] }),
    "spec.containers[c].envFrom[0].secretRef.name",
    "Greenroom's own",
  ],
  ...[pod, (spec: Json) => container(spec)].flatMap((make, index): Attempt[] => {
    const at = index === 0 ? "spec" : "spec.containers[c]";
    return [
      [
        `no seccomp in ${at}`,
        make({ securityContext: { seccompProfile: { type: "Unconfined" } } }),
        `${at}.securityContext.seccompProfile.type`,
        "seccomp",
      ],
      [
        `no AppArmor in ${at}`,
        make({ securityContext: { appArmorProfile: { type: "Unconfined" } } }),
        `${at}.securityContext.appArmorProfile.type`,
        "AppArmor",
      ],
      [
        `an SELinux type in ${at}`,
        make({ securityContext: { seLinuxOptions: { type: "spc_t" } } }),
        `${at}.securityContext.seLinuxOptions.type`,
        "`spc_t`",
      ],
      [
        `an SELinux user in ${at}`,
        make({ securityContext: { seLinuxOptions: { user: "system_u" } } }),
        `${at}.securityContext.seLinuxOptions.user`,
        "SELinux",
      ],
      [
        `an SELinux role in ${at}`,
        make({ securityContext: { seLinuxOptions: { role: "system_r" } } }),
        `${at}.securityContext.seLinuxOptions.role`,
        "SELinux",
      ],
      [
        `a process of the node in ${at}`,
        make({ securityContext: { windowsOptions: { hostProcess: true } } }),
        `${at}.securityContext.windowsOptions.hostProcess`,
        "process of its node",
      ],
    ];
  }),
];
