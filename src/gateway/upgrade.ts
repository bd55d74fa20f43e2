import { type ClientRequest, type IncomingMessage, request as ask } from "node:http";
import type { Duplex } from "node:stream";
import type { PodAddress } from "../ports/endpoints.ts";
import type { Dialer } from "./dial.ts";
import { type Origin, requestHeaders, responseHeaders } from "./headers.ts";

/** Passes an upgrade (a WebSocket, above all) on to a pod. Resolves with false where no pod took the connection. */
export async function forwardUpgrade(
  dialer: Dialer,
  pods: readonly PodAddress[],
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  origin: Origin,
): Promise<boolean> {
  // Whatever the client sends meanwhile waits; an error of its connection is nobody's to handle but ours.
  client.on("error", () => client.destroy());
  const upstream = await firstOpen(dialer, pods);
  if (upstream === undefined) return false;
  upstream.on("error", () => upstream.destroy());
  client.once("close", () => upstream.destroy());
  if (client.destroyed) {
    upstream.destroy();
    return true;
  }
  const headers = requestHeaders(request.rawHeaders, origin);
  headers.push("connection", "Upgrade", "upgrade", request.headers.upgrade ?? "");
  const passed = ask({
    createConnection: () => upstream,
    method: request.method,
    path: request.url,
    headers: headers,
    setHost: false,
  });
  answer(passed, client, upstream, head);
  passed.end();
  return true;
}

async function firstOpen(dialer: Dialer, pods: readonly PodAddress[]): Promise<Duplex | undefined> {
  for (const pod of pods) {
    try {
      return await dialer.open(pod);
    } catch {
      // The next one.
    }
  }
  return undefined;
}

function answer(passed: ClientRequest, client: Duplex, upstream: Duplex, head: Buffer): void {
  passed.once("upgrade", (response: IncomingMessage, _socket: Duplex, first: Buffer) => {
    const headers = responseHeaders(response.rawHeaders);
    headers.push("connection", "Upgrade", "upgrade", response.headers.upgrade ?? "");
    client.write(headText(response, headers));
    if (first.length > 0) client.write(first);
    if (head.length > 0) upstream.write(head);
    upstream.pipe(client);
    client.pipe(upstream);
    upstream.once("close", () => client.destroy());
  });
  // The pod would rather not: its answer goes back as it is, and the connection ends.
  passed.once("response", (response: IncomingMessage) => {
    const headers = responseHeaders(response.rawHeaders);
    headers.push("connection", "close");
    client.write(headText(response, headers));
    response.pipe(client);
    response.once("end", () => upstream.destroy());
  });
  passed.once("error", () => {
    client.destroy();
    upstream.destroy();
  });
}

function headText(response: IncomingMessage, headers: readonly string[]): string {
  let text = `HTTP/1.1 ${response.statusCode ?? 502} ${response.statusMessage ?? ""}\r\n`;
  for (let at = 0; at + 1 < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return `${text}\r\n`;
}
