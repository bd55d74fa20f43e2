import { once } from "node:events";
import type { Server } from "node:http";

/** Listens on `ADDRESS:PORT`; rejects where that is taken. */
export async function listen(server: Server, address: string): Promise<void> {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  server.listen(Number(address.slice(colon + 1)), host);
  await once(server, "listening");
}
