import { lookup } from "node:dns/promises";
import { BlockList, isIPv4 } from "node:net";
import { closedRanges, type AllowedPeer } from "./build-rules.ts";
import { readIfThere } from "./files.ts";

/** IPv4 name servers of a resolv.conf, without those only this machine can reach. */
export function nameservers(resolvConf: string): string[] {
  return resolvConf
    .split("\n")
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? "")
    .filter((address) => isIPv4(address) && !address.startsWith("127."));
}

/** Hosts and ports of URLs, defaults filled in; anything that is no http URL is left out. */
export function hostsOf(urls: readonly string[]): { host: string; port: number }[] {
  return urls.flatMap((text) => {
    const url = URL.parse(text.includes("://") ? text : `http://${text}`);
    if (url === null || !/^https?:$/.test(url.protocol)) return [];
    return [{ host: url.hostname, port: Number(url.port) || (url.protocol === "https:" ? 443 : 80) }];
  });
}

/** An operator's allow-list: addresses or networks with an optional port, separated by commas. */
export function parseAllowList(text: string): AllowedPeer[] {
  return text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => {
      const match = /^(\d+\.\d+\.\d+\.\d+)(\/\d+)?(?::(\d+))?$/.exec(entry);
      if (match?.[1] === undefined || !isIPv4(match[1])) {
        throw new Error(`"${entry}" is no IPv4 address or network with an optional port, such as 10.0.0.7:3128.`);
      }
      const port = match[3] === undefined ? null : Number(match[3]);
      return { address: `${match[1]}${match[2] ?? ""}`, port, protocols: ["tcp", "udp"] };
    });
}

const closed = new BlockList();
for (const range of closedRanges) {
  const [network, prefix] = range.split("/");
  if (network !== undefined) closed.addSubnet(network, Number(prefix), "ipv4");
}

/** Whether build steps are kept from this address unless it is allowed. */
export function isClosed(address: string): boolean {
  return closed.check(address, "ipv4");
}

async function privateAddresses(host: string): Promise<string[]> {
  // A host that does not resolve needs no opening.
  const found = await lookup(host, { all: true, family: 4 }).catch(() => []);
  return found.map((entry) => entry.address).filter(isClosed);
}

export type WayOut = {
  readonly nameservers: readonly string[];
  /** Whether resolv.conf itself names only servers on this machine's loopback. */
  readonly behindStub: boolean;
  readonly allowed: readonly AllowedPeer[];
};

/**
 * How this machine reaches the internet where that leads over private addresses: its name servers, its proxies, and
 * package mirrors that resolve to private addresses; plus what the operator allows. Exactly these are opened.
 */
export async function detectWayOut(env: NodeJS.ProcessEnv, mirrors: readonly string[]): Promise<WayOut> {
  const direct = nameservers((await readIfThere("/etc/resolv.conf")) ?? "");
  const behindStub = nameservers((await readIfThere("/run/systemd/resolve/resolv.conf")) ?? "");
  const servers = direct.length > 0 ? direct : behindStub;
  const proxies = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"].map((name) => env[name] ?? "");
  const registry = env["npm_config_registry"] ?? "https://registry.npmjs.org/";
  const hosts = hostsOf([...proxies.filter((url) => url !== ""), ...mirrors, registry]);
  const peers = await Promise.all(
    hosts.map(async ({ host, port }) =>
      (await privateAddresses(host)).map((address): AllowedPeer => ({ address, port, protocols: ["tcp"] })),
    ),
  );
  const dns = servers.map((address): AllowedPeer => ({ address, port: 53, protocols: ["udp", "tcp"] }));
  const all = [...dns, ...peers.flat(), ...parseAllowList(env["GREENROOM_BUILD_ALLOW"] ?? "")];
  const distinct = new Map(all.map((peer) => [JSON.stringify(peer), peer]));
  return { nameservers: servers, behindStub: direct.length === 0, allowed: [...distinct.values()] };
}
