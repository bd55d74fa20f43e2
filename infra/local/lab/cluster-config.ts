import { join } from "node:path";
import { stringify } from "yaml";
import { labCgroup } from "./cgroup.ts";
import { authority, bridge, type LabEndpoints, serviceSubnet } from "./endpoints.ts";
import type { LabPaths } from "./paths.ts";

export const kubernetesVersion = "1.35.4";
export const nodeName = "greenroom-lab";
export const clusterDomain = "cluster.local";

/** What kubeadm needs to make certificates and kubeconfigs. */
export function kubeadmConfig(paths: LabPaths, endpoints: LabEndpoints): string {
  const init = {
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "InitConfiguration",
    localAPIEndpoint: { advertiseAddress: bridge.address, bindPort: endpoints.apiServer.port },
    nodeRegistration: { name: nodeName, criSocket: `unix://${containerdSocket(paths)}` },
  };
  const cluster = {
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "ClusterConfiguration",
    clusterName: "greenroom-lab",
    kubernetesVersion: `v${kubernetesVersion}`,
    certificatesDir: pki(paths),
    controlPlaneEndpoint: authority(endpoints.apiServer),
    networking: { serviceSubnet, podSubnet: bridge.subnet, dnsDomain: clusterDomain },
    apiServer: { certSANs: ["localhost", "127.0.0.1"] },
  };
  return `${stringify(init)}---\n${stringify(cluster)}`;
}

/** kubelet's configuration: cgroup v1 allowed, everything about starting pods as fast as it goes. */
export function kubeletConfig(paths: LabPaths, openFiles: number): string {
  return stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: bridge.address,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(pki(paths), "ca.crt") },
    },
    authorization: { mode: "Webhook" },
    cgroupDriver: "cgroupfs",
    cgroupRoot: labCgroup(),
    clusterDNS: [bridge.address],
    clusterDomain,
    containerRuntimeEndpoint: `unix://${containerdSocket(paths)}`,
    enforceNodeAllocatable: [],
    eventRecordQPS: 0,
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    failCgroupV1: false,
    failSwapOn: false,
    healthzPort: 0,
    imageGCHighThresholdPercent: 100,
    kubeAPIBurst: 200,
    kubeAPIQPS: 100,
    maxOpenFiles: openFiles,
    maxPods: 200,
    podLogsDir: join(paths.state, "pod-logs"),
    registryPullQPS: 0,
    serializeImagePulls: false,
    syncFrequency: "10s",
    volumePluginDir: join(paths.kubernetes, "volume-plugins"),
  });
}

/** containerd's configuration, version 2: what 1.6 understands. */
export function containerdConfig(paths: LabPaths, sandboxImage: string): string {
  return `version = 2
root = "${join(paths.state, "containerd")}"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp"]

[grpc]
  address = "${containerdSocket(paths)}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${sandboxImage}"
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${join(paths.kubernetes, "cni")}"

  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${join(paths.kubernetes, "registries")}"
`;
}

/** The pods' network. Host ports are not offered: they would need iptables chains other tools make, too. */
export function cniConfig(): string {
  const plugin = {
    type: "bridge",
    bridge: bridge.name,
    isGateway: true,
    hairpinMode: true,
    ipam: {
      type: "host-local",
      ranges: [[{ subnet: bridge.subnet, rangeStart: "10.244.0.10", gateway: bridge.address }]],
      routes: [{ dst: "0.0.0.0/0" }],
    },
  };
  return JSON.stringify({ cniVersion: "0.4.0", name: bridge.name, plugins: [plugin] }, null, 2);
}

/** Where containerd finds each registry: folder name to hosts.toml. */
export function registryHosts(endpoints: LabEndpoints): Record<string, string> {
  const registry = `http://${authority(endpoints.registry)}`;
  const mirror = `http://${authority(endpoints.mirror)}`;
  return {
    [authority(endpoints.registry)]: hostsToml(registry, registry),
    [authority(endpoints.mirror)]: hostsToml(mirror, mirror),
    "docker.io": hostsToml("https://registry-1.docker.io", mirror),
  };
}

function hostsToml(server: string, host: string): string {
  return `server = "${server}"

[host."${host}"]
  capabilities = ["pull", "resolve"]
  skip_verify = true
`;
}

/** Cluster DNS, on the bridge's address. */
export function corefile(paths: LabPaths): string {
  return `.:53 {
  bind ${bridge.address}
  ready ${bridge.address}:8181
  errors
  cache 5
  kubernetes ${clusterDomain} in-addr.arpa {
    kubeconfig ${join(paths.kubernetes, "coredns.conf")}
    ttl 5
  }
  forward . /etc/resolv.conf
}
`;
}

export function pki(paths: LabPaths): string {
  return join(paths.kubernetes, "pki");
}

export function containerdSocket(paths: LabPaths): string {
  return join(paths.run, "containerd.sock");
}

/** There only where the lab runs a kubelet. */
export function kubeletConfigFile(paths: LabPaths): string {
  return join(paths.kubernetes, "kubelet.yaml");
}
