import type { Endpoint } from "../lab/endpoints.ts";

/** Packet-filter rules that keep builds away from everything but the internet, as data. */

/** An address a build may reach although it is private, such as this machine's name server. */
export type AllowedPeer = {
  readonly address: string;
  readonly port: number | null;
  readonly protocols: readonly ("tcp" | "udp")[];
};

/**
 * The network of builds. buildkitd lives in a network namespace of its own, since it fetches what Dockerfiles name
 * (`ADD https://…`, `FROM …`); each step has another one behind it. The machine sees both through one interface.
 */
export type BuildNetwork = {
  /** The machine's end of the link to the namespace, which is called the same; at most 15 characters. */
  readonly link: string;
  readonly machineAddress: string;
  readonly daemonAddress: string;
  readonly linkPrefix: number;
  readonly steps: string;
  /** The link's and the steps' addresses together. */
  readonly subnet: string;
  /** For buildkitd and steps. */
  readonly allowed: readonly AllowedPeer[];
  /** For buildkitd alone: addresses of the registries it pushes to and pulls from. */
  readonly registries: readonly Endpoint[];
  /** Ports of registries on this machine's loopback, which become ports of the namespace's. */
  readonly loopbackRegistries: readonly number[];
  /** Where the name server is when resolv.conf names one that only this machine's loopback reaches. */
  readonly nameserverBehindStub: string | null;
};

/** The lab's own chain in each table; its name is how cleaning up recognises it. */
export const chain = "GREENROOM-BUILD";

/** What comes in from the link and is for this machine's loopback. */
export const loopbackChain = "GREENROOM-LOOPBACK";

/** Ranges that are no internet: private, carrier, link-local with the clouds' metadata, loopback, multicast, reserved. */
export const closedRanges: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/3",
];

function allowRules(peer: AllowedPeer): string[] {
  return peer.protocols.map((protocol) => {
    const port = peer.port === null ? "" : ` --dport ${peer.port}`;
    return `-A ${chain} -d ${peer.address} -p ${protocol}${port} -j RETURN`;
  });
}

/**
 * The machine's rules, as text for `iptables-restore --noflush`. What is forbidden is decided in the raw table, on the
 * address that was asked for: before a Service's address is rewritten and before any other program's rules can accept
 * it. Such packets are left untracked, which keeps rewriting away from them, and then refused at once, so that a build
 * fails instead of hanging.
 */
export function machineRules(network: BuildNetwork): string {
  const untracked = "-m conntrack --ctstate UNTRACKED";
  const registry = ({ host, port }: Endpoint): string =>
    `-A ${chain} -s ${network.daemonAddress} -d ${host} -p tcp --dport ${port} -j RETURN`;
  const onLoopback = network.loopbackRegistries.map((port) => ({ host: network.machineAddress, port }));
  const toLoopback = ({ host, port }: Endpoint): string =>
    `-A ${loopbackChain} -d ${host} -p tcp --dport ${port} -j DNAT --to 127.0.0.1`;
  return [
    "*raw",
    `:${chain} - [0:0]`,
    ...[...network.registries, ...onLoopback].map(registry),
    ...network.allowed.flatMap(allowRules),
    ...closedRanges.map((range) => `-A ${chain} -d ${range} -j CT --notrack`),
    // The machine itself by any of its addresses, public ones too.
    `-A ${chain} -m addrtype --dst-type LOCAL -j CT --notrack`,
    "COMMIT",
    "*filter",
    `:${chain} - [0:0]`,
    `-A ${chain} ${untracked} -p tcp -j REJECT --reject-with tcp-reset`,
    `-A ${chain} ${untracked} -j REJECT --reject-with icmp-admin-prohibited`,
    `-A ${chain} -i ${network.link} -j ACCEPT`,
    // Towards a build only what answers it.
    `-A ${chain} -o ${network.link} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `-A ${chain} -o ${network.link} -j REJECT --reject-with icmp-admin-prohibited`,
    "COMMIT",
    "*nat",
    `:${chain} - [0:0]`,
    `:${loopbackChain} - [0:0]`,
    `-A ${chain} ! -d ${network.subnet} -j MASQUERADE`,
    ...onLoopback.map(toLoopback),
    "COMMIT",
    "",
  ].join("\n");
}

/** A jump from one of the system's chains into ours. */
export type Jump = {
  readonly table: "raw" | "filter" | "nat";
  readonly from: string;
  readonly match: readonly string[];
  readonly to: string;
};

/** Where the system's chains lead into ours. */
export function jumps(network: Pick<BuildNetwork, "link" | "subnet">): Jump[] {
  const fromBuilds = ["-i", network.link];
  return [
    { table: "raw", from: "PREROUTING", match: fromBuilds, to: chain },
    { table: "filter", from: "INPUT", match: fromBuilds, to: chain },
    { table: "filter", from: "FORWARD", match: fromBuilds, to: chain },
    { table: "filter", from: "FORWARD", match: ["-o", network.link], to: chain },
    { table: "nat", from: "POSTROUTING", match: ["-s", network.subnet], to: chain },
    { table: "nat", from: "PREROUTING", match: fromBuilds, to: loopbackChain },
  ];
}

/**
 * The rules inside the namespace: steps reach neither buildkitd nor each other, for they may be of different people.
 * What is on this machine's loopback and meant for buildkitd is led there: a stub name server, a registry.
 */
export function namespaceRules(network: BuildNetwork): string {
  const ways = [`INPUT -s ${network.steps}`, `FORWARD -s ${network.steps} -d ${network.steps}`];
  const stub = network.nameserverBehindStub;
  const led = [
    ...(stub === null ? [] : ["udp", "tcp"].map((protocol) => ({ protocol, port: 53, to: stub }))),
    ...network.loopbackRegistries.map((port) => ({ protocol: "tcp", port, to: network.machineAddress })),
  ];
  return [
    "*filter",
    ...ways.map((way) => `-A ${way} -p tcp -j REJECT --reject-with tcp-reset`),
    ...ways.map((way) => `-A ${way} -j REJECT --reject-with icmp-admin-prohibited`),
    "COMMIT",
    "*nat",
    ...led.map(
      ({ protocol, port, to }) => `-A OUTPUT -d 127.0.0.0/8 -p ${protocol} --dport ${port} -j DNAT --to ${to}`,
    ),
    `-A POSTROUTING -s 127.0.0.0/8 ! -d 127.0.0.0/8 -j SNAT --to ${network.daemonAddress}`,
    "COMMIT",
    "",
  ].join("\n");
}

/** The CNI configuration list of steps: each is linked to buildkitd's namespace, and to no other step. */
export function cniConfig(network: BuildNetwork, mtu: number, addressesDir: string): string {
  const ranges = [[{ subnet: network.steps }]];
  const ipam = { type: "host-local", dataDir: addressesDir, ranges, routes: [{ dst: "0.0.0.0/0" }] };
  const plugin = { type: "ptp", ipMasq: false, mtu, ipam };
  return `${JSON.stringify({ cniVersion: "1.0.0", name: network.link, plugins: [plugin] }, null, 2)}\n`;
}
