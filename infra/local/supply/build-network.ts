import { lookup } from "node:dns/promises";
import type { Endpoint } from "../lab/endpoints.ts";
import {
  type BuildNetwork,
  chain,
  type Jump,
  jumps,
  loopbackChain,
  machineRules,
  namespaceRules,
} from "./build-rules.ts";
import { CommandFailed, runCommand } from "./command.ts";
import { readIfThere } from "./files.ts";

/** The addresses of builds, beside the cluster's. */
export const buildAddresses = {
  link: "greenroom-build",
  machineAddress: "10.246.0.1",
  daemonAddress: "10.246.0.2",
  linkPrefix: 30,
  steps: "10.246.1.0/24",
  subnet: "10.246.0.0/16",
} as const;

/** The machine's interface towards builds, under the name the lab's cleaning up knows. */
export const buildBridge = { bridge: buildAddresses.link } as const;

/** Where the registry listens that takes the base images in, only while they are made. */
export const seedingEndpoint = { host: buildAddresses.machineAddress, port: 5002 } as const;

/** Where a program has to enter to be in the namespace. */
export const namespaceFile = `/run/netns/${buildAddresses.link}`;

const timeoutSeconds = 20;
const inner = "link0";

async function attempt(command: string, args: readonly string[], signal: AbortSignal): Promise<boolean> {
  try {
    await runCommand(command, args, { signal, timeoutSeconds });
    return true;
  } catch (error) {
    if (error instanceof CommandFailed) return false;
    throw error;
  }
}

function jumpArgs(action: "-I" | "-D", jump: Jump): string[] {
  return ["-w", "-t", jump.table, action, jump.from, ...jump.match, "-j", jump.to];
}

/** Make the namespace, its link and the rules, after removing whatever an earlier run left of them. */
export async function openBuildNetwork(network: BuildNetwork, mtu: number, signal: AbortSignal): Promise<void> {
  await closeBuildNetwork(signal);
  const run = (command: string, args: readonly string[], input = ""): Promise<unknown> =>
    runCommand(command, args, { signal, timeoutSeconds, input });
  const inside = (command: string, args: readonly string[], input = ""): Promise<unknown> =>
    run("nsenter", [`--net=${namespaceFile}`, "--", command, ...args], input);
  const { link, linkPrefix, machineAddress, daemonAddress } = network;

  // Rules before the link: nothing is ever built without them.
  await run("iptables-restore", ["-w", "--noflush"], machineRules(network));
  for (const jump of jumps(network)) await run("iptables", jumpArgs("-I", jump));
  await run("ip", ["netns", "add", link]);
  await inside("iptables-restore", ["-w", "--noflush"], namespaceRules(network));
  await run("ip", ["link", "add", link, "mtu", String(mtu), "type", "veth", "peer", "name", inner, "netns", link]);
  await inside("ip", ["link", "set", inner, "mtu", String(mtu)]);
  // Builds have IPv4 alone, so that there is one set of rules to trust.
  if ((await readIfThere("/proc/sys/net/ipv6/conf/all/disable_ipv6")) !== null) {
    await run("sysctl", ["-qw", `net.ipv6.conf.${link}.disable_ipv6=1`]);
    await inside("sysctl", ["-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"]);
  }
  await run("ip", ["address", "add", `${machineAddress}/${linkPrefix}`, "dev", link]);
  await run("ip", ["link", "set", link, "up"]);
  await inside("ip", ["link", "set", "lo", "up"]);
  await inside("ip", ["address", "add", `${daemonAddress}/${linkPrefix}`, "dev", inner]);
  await inside("ip", ["link", "set", inner, "up"]);
  await inside("ip", ["route", "add", "default", "via", machineAddress]);
  await run("ip", ["route", "add", network.steps, "via", daemonAddress]);
  await run("sysctl", ["-qw", "net.ipv4.ip_forward=1"]);
  await inside("sysctl", ["-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.route_localnet=1"]);
  if (network.loopbackRegistries.length > 0) await run("sysctl", ["-qw", `net.ipv4.conf.${link}.route_localnet=1`]);
}

/** Remove the namespace, its link and the rules; only ours, and no error where there are none. */
export async function closeBuildNetwork(signal: AbortSignal): Promise<void> {
  const { link } = buildAddresses;
  await attempt("ip", ["netns", "delete", link], signal);
  await attempt("ip", ["link", "delete", link], signal);
  for (const jump of jumps(buildAddresses)) {
    // A crash between two starts may have left more than one.
    while (await attempt("iptables", jumpArgs("-D", jump), signal));
  }
  for (const table of ["raw", "filter", "nat"] as const) {
    for (const name of table === "nat" ? [chain, loopbackChain] : [chain]) {
      await attempt("iptables", ["-w", "-t", table, "-F", name], signal);
      await attempt("iptables", ["-w", "-t", table, "-X", name], signal);
    }
  }
}

const isLoopback = ({ host }: Endpoint): boolean => host.startsWith("127.");

/** Where buildkitd finds registries: by address, and apart those on this machine's loopback. */
export async function locateRegistries(
  endpoints: readonly Endpoint[],
): Promise<Pick<BuildNetwork, "registries" | "loopbackRegistries">> {
  const found = await Promise.all(
    endpoints.map(async ({ host, port }) => {
      const addresses = await lookup(host, { all: true, family: 4 });
      return addresses.map(({ address }) => ({ host: address, port }));
    }),
  );
  return {
    registries: found.flat().filter((endpoint) => !isLoopback(endpoint)),
    loopbackRegistries: found
      .flat()
      .filter(isLoopback)
      .map(({ port }) => port),
  };
}

/** The largest packet of the interface that leads out, or Ethernet's. */
export async function mtuOfWayOut(signal: AbortSignal): Promise<number> {
  const { stdout } = await runCommand("ip", ["-4", "route", "show", "default"], { signal, timeoutSeconds });
  const mtu = /\bmtu (\d+)/.exec(stdout)?.[1];
  if (mtu !== undefined) return Number(mtu);
  const device = /\bdev (\S+)/.exec(stdout)?.[1];
  if (device === undefined) return 1500;
  const shown = await runCommand("ip", ["link", "show", "dev", device], { signal, timeoutSeconds });
  return Number(/\bmtu (\d+)/.exec(shown.stdout)?.[1] ?? 1500);
}
