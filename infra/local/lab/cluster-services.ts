import { get } from "node:https";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { containerdSocket, kubeletConfigFile, nodeName, pki } from "./cluster-config.ts";
import { authority, bridge, type LabEndpoints, serviceSubnet } from "./endpoints.ts";
import type { LabPaths } from "./paths.ts";
import { acceptsConnections, answersHttp, retryUntil } from "./readiness.ts";
import type { Service } from "./service.ts";

/** The programs a cluster is made of; `kubernetes` is the multi-call one. */
export type ClusterPrograms = { readonly kubernetes: string; readonly coredns: string };

/** A component's state goes with the lab, so nothing is gained by letting it end slowly. */
const stopAtOnce = { stopSignal: "SIGKILL" } as const;

type Where = { readonly paths: LabPaths; readonly endpoints: LabEndpoints; readonly programs: ClusterPrograms };

/** etcd without waiting for the disk: a lab's data need not survive a power cut. */
export function etcd({ paths, endpoints, programs }: Where): Service {
  const certs = join(pki(paths), "etcd");
  const client = `https://${authority(endpoints.etcd)}`;
  const peer = `https://${endpoints.etcd.host}:${endpoints.etcd.port + 1}`;
  return {
    name: "etcd",
    command: programs.kubernetes,
    ...stopAtOnce,
    args: [
      "etcd",
      `--name=${nodeName}`,
      `--data-dir=${join(paths.state, "etcd")}`,
      "--unsafe-no-fsync",
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=${nodeName}=${peer}`,
      "--client-cert-auth",
      `--cert-file=${join(certs, "server.crt")}`,
      `--key-file=${join(certs, "server.key")}`,
      `--trusted-ca-file=${join(certs, "ca.crt")}`,
      "--peer-client-cert-auth",
      `--peer-cert-file=${join(certs, "peer.crt")}`,
      `--peer-key-file=${join(certs, "peer.key")}`,
      `--peer-trusted-ca-file=${join(certs, "ca.crt")}`,
      "--log-level=warn",
    ],
    readiness: acceptsConnections(endpoints.etcd),
  };
}

export function apiServer({ paths, endpoints, programs }: Where): Service {
  const cert = (name: string): string => join(pki(paths), name);
  return {
    name: "kube-apiserver",
    command: programs.kubernetes,
    ...stopAtOnce,
    args: [
      "kube-apiserver",
      `--advertise-address=${bridge.address}`,
      `--bind-address=${bridge.address}`,
      `--secure-port=${endpoints.apiServer.port}`,
      "--allow-privileged=true",
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction",
      `--client-ca-file=${cert("ca.crt")}`,
      `--tls-cert-file=${cert("apiserver.crt")}`,
      `--tls-private-key-file=${cert("apiserver.key")}`,
      `--etcd-servers=https://${authority(endpoints.etcd)}`,
      `--etcd-cafile=${cert("etcd/ca.crt")}`,
      `--etcd-certfile=${cert("apiserver-etcd-client.crt")}`,
      `--etcd-keyfile=${cert("apiserver-etcd-client.key")}`,
      `--kubelet-client-certificate=${cert("apiserver-kubelet-client.crt")}`,
      `--kubelet-client-key=${cert("apiserver-kubelet-client.key")}`,
      "--kubelet-preferred-address-types=InternalIP",
      `--proxy-client-cert-file=${cert("front-proxy-client.crt")}`,
      `--proxy-client-key-file=${cert("front-proxy-client.key")}`,
      `--requestheader-client-ca-file=${cert("front-proxy-ca.crt")}`,
      "--requestheader-allowed-names=front-proxy-client",
      "--requestheader-extra-headers-prefix=X-Remote-Extra-",
      "--requestheader-group-headers=X-Remote-Group",
      "--requestheader-username-headers=X-Remote-User",
      "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
      `--service-account-key-file=${cert("sa.pub")}`,
      `--service-account-signing-key-file=${cert("sa.key")}`,
      `--service-cluster-ip-range=${serviceSubnet}`,
      "--profiling=false",
    ],
    readiness: (signal) =>
      retryUntil((limit) => getReadyz(`https://${authority(endpoints.apiServer)}/readyz`, cert("ca.crt"), limit), {
        seconds: 90,
        signal,
      }),
  };
}

/** Flags of a component with one instance, which nobody asks anything. */
function standsAlone(conf: string): string[] {
  return [
    `--kubeconfig=${conf}`,
    `--authentication-kubeconfig=${conf}`,
    `--authorization-kubeconfig=${conf}`,
    "--bind-address=127.0.0.1",
    "--secure-port=0",
    "--leader-elect=false",
    "--kube-api-qps=100",
    "--kube-api-burst=200",
    "--profiling=false",
  ];
}

/** Exits where RBAC is not there yet, so it starts once the API server is ready. */
export function controllerManager({ paths, programs }: Where): Service {
  const conf = join(paths.kubernetes, "controller-manager.conf");
  const cert = (name: string): string => join(pki(paths), name);
  return {
    name: "kube-controller-manager",
    command: programs.kubernetes,
    ...stopAtOnce,
    args: [
      "kube-controller-manager",
      ...standsAlone(conf),
      "--use-service-account-credentials=true",
      "--enable-hostpath-provisioner",
      `--client-ca-file=${cert("ca.crt")}`,
      `--cluster-signing-cert-file=${cert("ca.crt")}`,
      `--cluster-signing-key-file=${cert("ca.key")}`,
      `--root-ca-file=${cert("ca.crt")}`,
      `--requestheader-client-ca-file=${cert("front-proxy-ca.crt")}`,
      `--service-account-private-key-file=${cert("sa.key")}`,
    ],
    readiness: async () => undefined,
  };
}

export function scheduler({ paths, programs }: Where): Service {
  const conf = join(paths.kubernetes, "scheduler.conf");
  return {
    name: "kube-scheduler",
    command: programs.kubernetes,
    ...stopAtOnce,
    args: ["kube-scheduler", ...standsAlone(conf)],
    readiness: async () => undefined,
  };
}

export function containerd({ paths }: Where): Service {
  return {
    name: "containerd",
    command: "containerd",
    ...stopAtOnce,
    args: ["--config", join(paths.kubernetes, "containerd.toml"), "--log-level", "warn"],
    readiness: acceptsConnections({ path: containerdSocket(paths) }),
  };
}

export function kubelet({ paths, programs }: Where, isNodeReady: (signal: AbortSignal) => Promise<void>): Service {
  return {
    name: "kubelet",
    command: programs.kubernetes,
    ...stopAtOnce,
    args: [
      "kubelet",
      `--config=${kubeletConfigFile(paths)}`,
      `--kubeconfig=${join(paths.kubernetes, "kubelet.conf")}`,
      `--cert-dir=${join(paths.kubernetes, "kubelet-pki")}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${bridge.address}`,
      `--root-dir=${join(paths.state, "kubelet")}`,
    ],
    readiness: isNodeReady,
  };
}

export function kubeProxy({ paths, programs }: Where): Service {
  return {
    name: "kube-proxy",
    command: programs.kubernetes,
    ...stopAtOnce,
    args: [
      "kube-proxy",
      `--kubeconfig=${join(paths.kubernetes, "kube-proxy.conf")}`,
      `--hostname-override=${nodeName}`,
      "--proxy-mode=iptables",
      `--cluster-cidr=${bridge.subnet}`,
      "--conntrack-max-per-core=0",
      "--conntrack-tcp-timeout-established=0",
      "--conntrack-tcp-timeout-close-wait=0",
      "--iptables-min-sync-period=100ms",
      `--healthz-bind-address=${bridge.address}:10256`,
      `--metrics-bind-address=${bridge.address}:10249`,
    ],
    readiness: answersHttp(`http://${bridge.address}:10256/healthz`, 60, 200),
  };
}

export function coredns({ paths, programs }: Where): Service {
  return {
    name: "coredns",
    command: programs.coredns,
    ...stopAtOnce,
    args: ["-conf", join(paths.kubernetes, "Corefile")],
    readiness: answersHttp(`http://${bridge.address}:8181/ready`, 60, 200),
  };
}

async function getReadyz(url: string, caFile: string, signal: AbortSignal): Promise<void> {
  const ca = await readFile(caFile);
  await new Promise<void>((resolve, reject) => {
    const request = get(url, { ca, signal, agent: false }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${url} answers ${response.statusCode}`));
    });
    request.once("error", reject);
  });
}
