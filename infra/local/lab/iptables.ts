import { run } from "./command.ts";

/** The lab's own chains. */
export const labChains = /^GREENROOM-/;

/** Those and the ones its kubelet and kube-proxy make; the lab refuses to start its own beside another Kubernetes. */
export const clusterChains = /^(?:KUBE-|GREENROOM-)/;

const families = ["iptables", "ip6tables"] as const;

/** The input for iptables-restore --noflush that removes such chains and every rule leading to them; "" if none. */
export function removal(saved: string, ours: RegExp): string {
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

/** Whether there are chains of a Kubernetes; only meaningful while no lab runs and none is to be cleaned up. */
export async function foreignKubernetes(): Promise<boolean> {
  const saved = await Promise.all(families.map(save));
  return saved.some((text) => /^:KUBE-/m.test(text));
}

/** Removes such chains and the rules that lead to them, in every table. */
export async function forgetChains(ours: RegExp): Promise<void> {
  for (const family of families) {
    const input = removal(await save(family), ours);
    if (input !== "") await run(`${family}-restore`, ["--noflush"], { input });
  }
}

async function save(family: (typeof families)[number]): Promise<string> {
  // Not installed, or no IPv6: then there is nothing of ours either.
  return run(`${family}-save`, []).catch(() => "");
}
