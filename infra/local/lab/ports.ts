import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";
import type { Endpoint } from "./endpoints.ts";
import { argumentsOf } from "./processes.ts";

/** Who listens at an address, or at its port on all addresses: "redis-server (pid 12)"; undefined when it is free. */
export async function holderOf(endpoint: Endpoint): Promise<string | undefined> {
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await readFile(table, "utf8").catch(() => "");
    const inode = listeningInode(text, endpoint);
    if (inode !== undefined) return (await ownerOf(inode)) ?? "another program";
  }
  return undefined;
}

/** The socket that listens at an address or on all, in a table like /proc/net/tcp. */
export function listeningInode(table: string, { host, port }: Endpoint): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  for (const line of table.split("\n").slice(1)) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    const [address, localPort] = local?.split(":") ?? [];
    if (state === listening && localPort === hex && address !== undefined && isAt(address, host)) return inode;
  }
  return undefined;
}

const listening = "0A";

/** Addresses stand there in hexadecimal, in the machine's byte order; an IPv4 one also inside an IPv6 one. */
function isAt(address: string, host: string): boolean {
  const hex = littleEndian(host);
  return /^0+$/.test(address) || address === hex || address === `0000000000000000FFFF0000${hex}`;
}

/** An IPv4 address as the kernel's tables write it: 127.0.0.1 is 0100007F. */
export function littleEndian(address: string): string {
  const bytes = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return bytes.toReversed().join("").toUpperCase();
}

async function ownerOf(inode: string): Promise<string | undefined> {
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
      if (target !== `socket:[${inode}]`) continue;
      // A program's own name for itself says little where an interpreter runs it.
      const [command, script] = await argumentsOf(Number(pid));
      const names = [command, script?.startsWith("/") ? script : undefined].filter((name) => name !== undefined);
      return `${names.map((name) => basename(name)).join(" ")} (pid ${pid})`;
    }
  }
  return undefined;
}
