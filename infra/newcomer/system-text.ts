/** Mount points from /proc/PID/mountinfo. */
export function mountPoints(mountinfo: string): string[] {
  return mountinfo
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((point) => point !== "")
    .map((point) => point.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))));
}

/** Names of interfaces from /proc/net/dev, which has two lines of headings. */
export function interfacesIn(netDev: string): string[] {
  return netDev
    .split("\n")
    .slice(2)
    .map((line) => line.split(":")[0]?.trim() ?? "")
    .filter((name) => name !== "");
}

/** Chains and rules from iptables-save, with their table; built-in chains are there as soon as anyone asks. */
export function chainsAndRules(saved: string): string[] {
  let table = "";
  return saved.split("\n").flatMap((line) => {
    if (line.startsWith("*")) table = line.slice(1);
    const chain = /^:(\S+) - /.exec(line)?.[1];
    if (chain !== undefined) return [`${table}: ${chain}`];
    return line.startsWith("-A ") ? [`${table}: ${line}`] : [];
  });
}
