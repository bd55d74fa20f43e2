/** Packet-filter rules that keep build steps away from everything but the internet, as data. */

/** An address a build step may reach although it is private, such as this machine's name server. */
export type AllowedPeer = {
  readonly address: string;
  readonly port: number | null;
  readonly protocols: readonly ("tcp" | "udp")[];
};

export type BuildNetwork = {
  /** The bridge's name; at most 15 characters, as Linux wants. */
  readonly bridge: string;
  readonly gateway: string;
  readonly subnet: string;
  readonly allowed: readonly AllowedPeer[];
};

/** The lab's own chains; their names are how cleaning up recognises them. */
export const chains = { raw: "GREENROOM-BUILD", filter: "GREENROOM-BUILD", nat: "GREENROOM-BUILD" } as const;

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
    return `-A ${chains.raw} -d ${peer.address} -p ${protocol}${port} -j RETURN`;
  });
}

/**
 * Text for `iptables-restore --noflush`. What is forbidden is decided in the raw table, on the address the step
 * asked for: before a Service's address is rewritten and before any other program's rules can accept it. Such packets
 * are left untracked, which keeps rewriting away from them, and then refused at once, so that a build fails instead of hanging.
 */
export function rulesText(network: BuildNetwork): string {
  const untracked = "-m conntrack --ctstate UNTRACKED";
  return [
    "*raw",
    `:${chains.raw} - [0:0]`,
    ...network.allowed.flatMap(allowRules),
    ...closedRanges.map((range) => `-A ${chains.raw} -d ${range} -j CT --notrack`),
    // The machine itself by any of its addresses, public ones too.
    `-A ${chains.raw} -m addrtype --dst-type LOCAL -j CT --notrack`,
    "COMMIT",
    "*filter",
    `:${chains.filter} - [0:0]`,
    `-A ${chains.filter} ${untracked} -p tcp -j REJECT --reject-with tcp-reset`,
    `-A ${chains.filter} ${untracked} -j REJECT --reject-with icmp-admin-prohibited`,
    `-A ${chains.filter} -i ${network.bridge} -j ACCEPT`,
    // Towards a step only what answers it.
    `-A ${chains.filter} -o ${network.bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `-A ${chains.filter} -o ${network.bridge} -j REJECT --reject-with icmp-admin-prohibited`,
    "COMMIT",
    "*nat",
    `:${chains.nat} - [0:0]`,
    `-A ${chains.nat} ! -d ${network.subnet} -j MASQUERADE`,
    "COMMIT",
    "",
  ].join("\n");
}

/** A jump from one of the system's chains into ours. */
export type Jump = {
  readonly table: "raw" | "filter" | "nat";
  readonly from: string;
  readonly match: readonly string[];
};

/** Where the system's chains lead into ours. */
export function jumps(network: Pick<BuildNetwork, "bridge" | "subnet">): Jump[] {
  const fromSteps = ["-i", network.bridge];
  return [
    { table: "raw", from: "PREROUTING", match: fromSteps },
    { table: "filter", from: "INPUT", match: fromSteps },
    { table: "filter", from: "FORWARD", match: fromSteps },
    { table: "filter", from: "FORWARD", match: ["-o", network.bridge] },
    { table: "nat", from: "POSTROUTING", match: ["-s", network.subnet] },
  ];
}

/** The CNI configuration list of build steps: the bridge plugin on our bridge, addresses of its own. */
export function cniConfig(network: BuildNetwork, mtu: number, addressesDir: string): string {
  const ipam = {
    type: "host-local",
    dataDir: addressesDir,
    ranges: [[{ subnet: network.subnet, gateway: network.gateway }]],
    routes: [{ dst: "0.0.0.0/0" }],
  };
  const plugin = { type: "bridge", bridge: network.bridge, isGateway: true, ipMasq: false, mtu, ipam };
  return `${JSON.stringify({ cniVersion: "1.0.0", name: network.bridge, plugins: [plugin] }, null, 2)}\n`;
}
