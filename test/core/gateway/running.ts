import { once } from "node:events";
import { type IncomingMessage, type RequestListener, type Server, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import { createActivity } from "../../../src/gateway/activity.ts";
import { type DialOptions, createDialer } from "../../../src/gateway/dial.ts";
import { createGateway } from "../../../src/gateway/server.ts";
import type { PodAddress } from "../../../src/ports/endpoints.ts";
import type { Preview } from "../../../src/preview/preview.ts";
import { fakeVisits } from "../../fakes/visits.ts";
import { preview } from "./sample.ts";

export const host = "12-shop.preview.example.dev";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return portOf(server.address());
}

/** A pod: a server of its own on loopback. */
export async function pod(handler: RequestListener): Promise<PodAddress & { server: Server }> {
  const server = createServer(handler);
  const port = await listen(server);
  return { ip: "127.0.0.1", port, namespace: "preview-12-shop", pod: `web-${port}`, server };
}

/** A pod that is not there any more: nobody listens. */
export async function gone(): Promise<PodAddress> {
  const { server, ...address } = await pod(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  return address;
}

export async function gateway(
  pods: readonly PodAddress[],
  shown: Preview = preview("12-shop"),
  dial: DialOptions = {},
) {
  const errors: unknown[] = [];
  const visits = fakeVisits();
  const clock = { time: Date.parse("2026-02-01T00:00:00Z") };
  const activity = createActivity({ visits, now: () => clock.time, onError: (error) => errors.push(error) });
  const dialer = createDialer(dial);
  closing.push(() => dialer.close());
  const opened = createGateway({
    previews: { find: (name) => (name === shown.name ? shown : undefined) },
    endpoints: {
      ready: (namespace, service, port) =>
        namespace === "preview-12-shop" && service === "web" && port === 80 ? pods : [],
    },
    dialer,
    activity,
    baseDomain: "preview.example.dev",
    scheme: "https",
    onError: (error) => errors.push(error),
  });
  const port = await listen(opened.server);
  return { port, errors, visits, activity, clock, close: () => opened.close(100) };
}

export type Asked = { method?: string; path?: string; headers?: Record<string, string>; body?: Buffer | string };

export async function ask(port: number, { method = "GET", path = "/", headers = {}, body }: Asked = {}) {
  const asked = request({ port, host: "127.0.0.1", method, path, headers: { host, ...headers }, agent: false });
  asked.end(body);
  const [response]: IncomingMessage[] = await once(asked, "response");
  if (response === undefined) throw new Error("no response");
  return response;
}
