import { existsSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { buildBridge } from "../supply/build-network.ts";
import { run } from "./command.ts";
import { bridge, serviceSubnet } from "./endpoints.ts";
import { kubeletConfigFile } from "./cluster-config.ts";
import { clusterChains, forgetChains, labChains } from "./iptables.ts";
import type { LabPaths } from "./paths.ts";
import { retryUntil } from "./readiness.ts";

/** Kernel settings the lab, kubelet or kube-proxy change; put back by `down`. */
const settings = [
  "net/ipv4/ip_forward",
  "net/bridge/bridge-nf-call-iptables",
  "net/ipv4/conf/all/route_localnet",
  "vm/overcommit_memory",
  "kernel/panic",
  "kernel/panic_on_oops",
] as const;

/**
 * The lab's own rules, against any firewall the machine may have: pods reach the outside and each other,
 * and of this machine name resolution and the API server.
 */
const rules = `*nat
:GREENROOM-LAB - [0:0]
-A POSTROUTING -j GREENROOM-LAB
-A GREENROOM-LAB -s ${bridge.subnet} ! -d ${bridge.subnet} -j MASQUERADE
COMMIT
*filter
:GREENROOM-LAB - [0:0]
-I FORWARD -j GREENROOM-LAB
-A GREENROOM-LAB -i ${bridge.name} -j ACCEPT
-A GREENROOM-LAB -o ${bridge.name} -j ACCEPT
:GREENROOM-INPUT - [0:0]
-I INPUT -i ${bridge.name} -j GREENROOM-INPUT
-A GREENROOM-INPUT -p udp --dport 53 -j ACCEPT
-A GREENROOM-INPUT -p tcp -m multiport --dports 53,6443 -j ACCEPT
COMMIT
`;

/** Makes the bridge the cluster lives on, and remembers the kernel settings it changes. */
export async function makeNetwork(paths: LabPaths): Promise<void> {
  await rememberSettings(paths);
  await run("ip", ["link", "add", bridge.name, "type", "bridge"]);
  await run("ip", ["address", "add", `${bridge.address}/${bridge.prefix}`, "dev", bridge.name]);
  await run("ip", ["link", "set", bridge.name, "up"]);
  // Packets to a Service need a route before kube-proxy's rules see them, also on a machine without a default one.
  await run("ip", ["route", "add", serviceSubnet, "dev", bridge.name]);
  await writeFile("/proc/sys/net/ipv4/ip_forward", "1");
  if (!existsSync("/proc/sys/net/bridge")) await run("modprobe", ["br_netfilter"]);
  await writeFile("/proc/sys/net/bridge/bridge-nf-call-iptables", "1");
  await run("iptables-restore", ["--noflush"], { input: rules });
}

/** Whether the lab's bridge exists: a lab runs, or one ended without cleaning up. */
export function bridgeExists(): boolean {
  return interfaceExists(bridge.name);
}

/** Whether this machine has an interface of that name. */
export function interfaceExists(name: string): boolean {
  // Not /sys/class/net, which shows the namespace that /sys was mounted in.
  return readFileSync("/proc/net/dev", "utf8")
    .split("\n")
    .some((line) => line.trimStart().startsWith(`${name}:`));
}

/** Removes interfaces, rules and chains, and puts the kernel settings back. */
export async function removeNetwork(paths: LabPaths): Promise<void> {
  for (const name of [bridge.name, buildBridge.bridge].filter(interfaceExists)) {
    // The kernel takes a pod's interfaces away by itself a moment after its last process: whoever is first.
    for (const port of await bridgePorts(name)) await run("ip", ["link", "delete", port]).catch(() => undefined);
    await retryUntil(
      async () => {
        if ((await bridgePorts(name)).length > 0) throw new Error(`interfaces remain on ${name}`);
      },
      { seconds: 10 },
    );
    if (interfaceExists(name)) await run("ip", ["link", "delete", name]);
  }
  // With a cluster of the user's own, KUBE-* chains on this machine are not the lab's.
  const ranCluster = existsSync(kubeletConfigFile(paths));
  await forgetChains(ranCluster ? clusterChains : labChains);
  await restoreSettings(paths);
}

async function bridgePorts(name: string): Promise<string[]> {
  const links = z.array(z.object({ ifname: z.string() }));
  return links.parse(JSON.parse(await run("ip", ["-json", "link", "show", "master", name]))).map((link) => link.ifname);
}

function settingsFile(paths: LabPaths): string {
  return join(paths.run, "kernel-settings.json");
}

async function rememberSettings(paths: LabPaths): Promise<void> {
  const before: Record<string, string> = {};
  for (const name of settings) {
    const value = await readFile(join("/proc/sys", name), "utf8").catch(() => undefined);
    if (value !== undefined) before[name] = value.trim();
  }
  await writeFile(settingsFile(paths), JSON.stringify(before));
}

async function restoreSettings(paths: LabPaths): Promise<void> {
  const text = await readFile(settingsFile(paths), "utf8").catch(() => "{}");
  const before: Record<string, string> = JSON.parse(text);
  for (const name of settings) {
    const value = before[name];
    if (value !== undefined) await writeFile(join("/proc/sys", name), value);
  }
}
