import { run } from "./command.ts";

/** Chains the lab's kubelet and kube-proxy make, and the lab's own. The lab refuses to start beside another Kubernetes. */
const ours = /^(?:KUBE-|GREENROOM-)/;

const families = ["iptables", "ip6tables"] as const;

/** The input for iptables-restore --noflush that removes our chains and every rule leading to them; "" if none. */
export function removal(saved: string): string {
  const tables: string[] = [];
  for (const table of saved.split(/^(?=\*)/m)) {
    const lines = table.split("\n");
    const chains = lines.flatMap((line) => /^:(\S+) /.exec(line)?.[1] ?? []).filter((chain) => ours.test(chain));
    if (chains.length === 0 || lines[0] === undefined) continue;
    const jumps = lines.filter((line) => {
      const [, from, to] = /^-A (\S+) .*-j (\S+)/.exec(line) ?? [];
      return from !== undefined && to !== undefined && !ours.test(from) && ours.test(to);
    });
    tables.push(
      [
        lines[0],
        ...jumps.map((line) => line.replace(/^-A/, "-D")),
        // Declaring a chain again flushes it, so that no rule keeps another from being deleted.
        ...chains.map((chain) => `:${chain} - [0:0]`),
        ...chains.map((chain) => `-X ${chain}`),
        "COMMIT\n",
      ].join("\n"),
    );
  }
  return tables.join("");
}

/** Names of our chains that exist now. */
async function labChains(): Promise<string[]> {
  const found: string[] = [];
  for (const family of families) {
    const saved = await save(family);
    for (const match of saved.matchAll(/^:(\S+) /gm)) {
      if (match[1] !== undefined && ours.test(match[1])) found.push(match[1]);
    }
  }
  return found;
}

/** Whether there are chains of a Kubernetes; only meaningful while no lab runs and none is to be cleaned up. */
export async function foreignKubernetes(): Promise<boolean> {
  return (await labChains()).some((chain) => chain.startsWith("KUBE-"));
}

/** Removes our chains and the rules that lead to them, in every table. */
export async function forgetChains(): Promise<void> {
  for (const family of families) {
    const input = removal(await save(family));
    if (input !== "") await run(`${family}-restore`, ["--noflush"], { input });
  }
}

async function save(family: (typeof families)[number]): Promise<string> {
  // Not installed, or no IPv6: then there is nothing of ours either.
  return run(`${family}-save`, []).catch(() => "");
}
