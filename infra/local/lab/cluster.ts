import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  cniConfig,
  containerdConfig,
  corefile,
  kubeadmConfig,
  kubeletConfig,
  kubeletConfigFile,
  nodeName,
  registryHosts,
} from "./cluster-config.ts";
import {
  apiServer,
  type ClusterPrograms,
  containerd,
  controllerManager,
  coredns,
  etcd,
  kubelet,
  kubeProxy,
  scheduler,
} from "./cluster-services.ts";
import { run } from "./command.ts";
import type { LabEndpoints } from "./endpoints.ts";
import type { LabPaths } from "./paths.ts";
import type { Supervisor } from "./supervisor.ts";

export type Cluster = {
  readonly paths: LabPaths;
  readonly endpoints: LabEndpoints;
  readonly programs: ClusterPrograms & { readonly kubectl: string };
  /** The image every pod's sandbox runs. */
  readonly sandboxImage: string;
  readonly supervisor: Supervisor;
};

/** From an empty bridge to a Ready node with DNS, services and volumes. */
export async function startCluster(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const { supervisor } = cluster;
  await Promise.all([writeConfiguration(cluster), makeCertificates(cluster, signal)]);
  const services = [
    supervisor.start(containerd(cluster), signal),
    (async () => {
      await supervisor.start(etcd(cluster), signal);
      await supervisor.start(apiServer(cluster), signal);
    })(),
  ];
  await Promise.all(services);
  await kubectl(cluster, ["apply", "--server-side", "-f", bootstrapManifest], signal, "super-admin.conf");
  await Promise.all([
    supervisor.start(controllerManager(cluster), signal),
    supervisor.start(scheduler(cluster), signal),
    supervisor.start(
      kubelet(cluster, (limit) => nodeReady(cluster, limit)),
      signal,
    ),
    supervisor.start(kubeProxy(cluster), signal),
    supervisor.start(coredns(cluster), signal),
  ]);
}

const bootstrapManifest = join(dirname(fileURLToPath(import.meta.url)), "cluster-bootstrap.yaml");

async function nodeReady(cluster: Cluster, signal: AbortSignal): Promise<void> {
  await kubectl(cluster, ["wait", "--for=create", `node/${nodeName}`, "--timeout=60s"], signal);
  await kubectl(cluster, ["wait", "--for=condition=Ready", `node/${nodeName}`, "--timeout=60s"], signal);
}

/** Runs kubectl as the lab's administrator. */
async function kubectl(cluster: Cluster, args: string[], signal: AbortSignal, conf = "admin.conf"): Promise<string> {
  const kubeconfig = join(cluster.paths.kubernetes, conf);
  return run(cluster.programs.kubectl, ["--kubeconfig", kubeconfig, ...args], { signal, seconds: 120 });
}

async function makeCertificates({ paths, endpoints, programs }: Cluster, signal: AbortSignal): Promise<void> {
  await mkdir(paths.kubernetes, { recursive: true });
  const config = join(paths.kubernetes, "kubeadm.yaml");
  await writeFile(config, kubeadmConfig(paths, endpoints));
  const kubeadm = (args: string[]): Promise<string> => run(programs.kubernetes, ["kubeadm", ...args], { signal });
  await kubeadm(["init", "phase", "certs", "all", "--config", config]);
  await kubeadm(["init", "phase", "kubeconfig", "all", "--config", config, "--kubeconfig-dir", paths.kubernetes]);
  const users = { "kube-proxy.conf": "system:kube-proxy", "coredns.conf": "lab:coredns" };
  for (const [file, user] of Object.entries(users)) {
    const text = await kubeadm(["kubeconfig", "user", "--config", config, "--client-name", user]);
    await writeFile(join(paths.kubernetes, file), text, { mode: 0o600 });
  }
}

async function writeConfiguration({ paths, endpoints, sandboxImage }: Cluster): Promise<void> {
  const files: Record<string, string> = {
    [basename(kubeletConfigFile(paths))]: kubeletConfig(paths, await openFilesLimit()),
    "containerd.toml": containerdConfig(paths, sandboxImage),
    "cni/10-greenroom.conflist": cniConfig(),
    Corefile: corefile(paths),
  };
  for (const [name, text] of Object.entries(registryHosts(endpoints))) {
    files[join("registries", name, "hosts.toml")] = text;
  }
  for (const [name, text] of Object.entries(files)) {
    const file = join(paths.kubernetes, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** kubelet insists on raising its limit to what it is told, and may not be allowed more than this. */
async function openFilesLimit(): Promise<number> {
  const limits = await run("prlimit", ["--nofile", "--noheadings", "--output=HARD"]);
  const hard = Number(limits.trim());
  return Number.isInteger(hard) && hard > 0 ? Math.min(hard, 1_000_000) : 1_000_000;
}
