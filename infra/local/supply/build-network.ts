import { type BuildNetwork, chains, type Jump, jumps, rulesText } from "./build-rules.ts";
import { CommandFailed, runCommand } from "./command.ts";
import { readIfThere } from "./files.ts";

/** The bridge of build steps, beside the cluster's. */
export const buildBridge = { bridge: "greenroom-build", gateway: "10.246.0.1", subnet: "10.246.0.0/24" } as const;

const timeoutSeconds = 20;

async function succeeds(command: string, args: readonly string[], signal: AbortSignal): Promise<boolean> {
  try {
    await runCommand(command, args, { signal, timeoutSeconds });
    return true;
  } catch (error) {
    if (error instanceof CommandFailed) return false;
    throw error;
  }
}

function jumpArgs(action: "-I" | "-D", jump: Jump): string[] {
  return ["-w", "-t", jump.table, action, jump.from, ...jump.match, "-j", chains[jump.table]];
}

/** Make the bridge and its rules, after removing whatever an earlier run left of them. */
export async function openBuildNetwork(network: BuildNetwork, mtu: number, signal: AbortSignal): Promise<void> {
  await closeBuildNetwork(network, signal);
  const run = { signal, timeoutSeconds };
  // Rules before the bridge: no step ever runs without them.
  await runCommand("iptables-restore", ["-w", "--noflush"], { ...run, input: rulesText(network) });
  for (const jump of jumps(network)) await runCommand("iptables", jumpArgs("-I", jump), run);
  await runCommand("ip", ["link", "add", network.bridge, "mtu", String(mtu), "type", "bridge"], run);
  // Steps have IPv4 alone, so that there is one set of rules to trust.
  const ipv6 = `/proc/sys/net/ipv6/conf/${network.bridge}/disable_ipv6`;
  if ((await readIfThere(ipv6)) !== null)
    await runCommand("sysctl", ["-qw", `net.ipv6.conf.${network.bridge}.disable_ipv6=1`], run);
  const prefix = network.subnet.split("/")[1] ?? "24";
  await runCommand("ip", ["address", "add", `${network.gateway}/${prefix}`, "dev", network.bridge], run);
  await runCommand("ip", ["link", "set", network.bridge, "up"], run);
  await runCommand("sysctl", ["-qw", "net.ipv4.ip_forward=1"], run);
}

/** Remove the bridge and its rules; only ours, and no error where there are none. */
export async function closeBuildNetwork(
  network: Pick<BuildNetwork, "bridge" | "subnet">,
  signal: AbortSignal,
): Promise<void> {
  if ((await readIfThere(`/sys/class/net/${network.bridge}/ifindex`)) !== null) {
    await succeeds("ip", ["link", "delete", network.bridge], signal);
  }
  for (const jump of jumps(network)) {
    // A crash between two starts may have left more than one.
    while (await succeeds("iptables", jumpArgs("-D", jump), signal));
  }
  for (const table of ["raw", "filter", "nat"] as const) {
    await succeeds("iptables", ["-w", "-t", table, "-F", chains[table]], signal);
    await succeeds("iptables", ["-w", "-t", table, "-X", chains[table]], signal);
  }
}

/** The largest packet of the interface that leads out, or Ethernet's. */
export async function mtuOfWayOut(signal: AbortSignal): Promise<number> {
  const { stdout } = await runCommand("ip", ["-4", "route", "show", "default"], { signal, timeoutSeconds });
  const device = /\bdev (\S+)/.exec(stdout)?.[1];
  const mtu = device === undefined ? null : await readIfThere(`/sys/class/net/${device}/mtu`);
  return mtu === null ? 1500 : Number(mtu);
}
