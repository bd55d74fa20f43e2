import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { Duplex } from "node:stream";
import type { Endpoints, PodAddress } from "../ports/endpoints.ts";
import type { Preview } from "../preview/preview.ts";
import type { Activity } from "./activity.ts";
import type { Dialer } from "./dial.ts";
import { forward } from "./forward.ts";
import type { Origin } from "./headers.ts";
import { type Notice, type Trouble, noticeFor, noticeForPreview } from "./page-text.ts";
import { page } from "./pages.ts";
import type { PreviewIndex } from "./preview-index.ts";
import { type Route, type Target, route } from "./route.ts";
import { forwardUpgrade } from "./upgrade.ts";
import { isCall, isVisit } from "./visitor.ts";

export type GatewayOptions = {
  previews: PreviewIndex;
  endpoints: Endpoints;
  dialer: Dialer;
  activity: Activity;
  /** Previews are at `<label>.<baseDomain>`. */
  baseDomain: string;
  /** How visitors reach the gateway; pods are told. */
  scheme: "http" | "https";
  /** Where pages link to the pull request, e.g. `https://github.com`. */
  githubUrl?: string;
  onError: (error: unknown) => void;
};

export type Gateway = {
  /** `listen` is the caller's. */
  server: Server;
  /** Stops listening, lets running requests finish for a while, then ends what is left, WebSockets above all. */
  close(graceMs: number): Promise<void>;
};

type Found = Extract<Route, { kind: "preview" }>;

/** A server that leads each host name to the ready pods of its preview, and says why where it cannot. */
export function createGateway(options: GatewayOptions): Gateway {
  const pick = roundRobin(options.endpoints);
  const find = (request: IncomingMessage) =>
    route(request.headers.host, options.baseDomain, (name) => options.previews.find(name));

  const server = createServer(
    // An upload may take as long as it needs; only the headers have to come.
    { headersTimeout: 15_000, requestTimeout: 0, keepAliveTimeout: 65_000, connectionsCheckingInterval: 5_000 },
    (request, response) => {
      serve(request, response).catch((error: unknown) => {
        options.onError(error);
        response.destroy();
      });
    },
  );
  // The server forgets connections once they are upgraded.
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request: IncomingMessage, client: Duplex, head: Buffer) => {
    upgraded.add(client);
    client.once("close", () => upgraded.delete(client));
    upgrade(request, client, head).catch((error: unknown) => {
      options.onError(error);
      client.destroy();
    });
  });
  server.on("clientError", (_error, client: Duplex) => {
    if (client.writable) client.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = find(request);
    if (found.kind !== "preview") {
      if (request.url === "/healthz") return show(request, response, healthy);
      return show(request, response, noticeFor(found));
    }
    const pods = found.target === undefined ? [] : pick(found.target);
    if (pods.length === 0) return show(request, response, explainOrWake(request, found));
    const over = begin(request, found.preview);
    try {
      const outcome = await forward(options.dialer, pods, request, response, originOf(request, found, options));
      if (outcome === "answered") return;
      show(request, response, outcome === "bad-request" ? badRequest : explain(found, outcome));
    } finally {
      over();
    }
  }

  async function upgrade(request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    const found = find(request);
    if (found.kind !== "preview") return refuse(request, client, noticeFor(found));
    const pods = found.target === undefined ? [] : pick(found.target);
    if (pods.length === 0) return refuse(request, client, explainOrWake(request, found));
    client.once("close", begin(request, found.preview));
    const origin = originOf(request, found, options);
    const taken = await forwardUpgrade(options.dialer, pods, request, client, head, origin);
    if (!taken) refuse(request, client, explain(found, "unreachable"));
  }

  const explain = ({ preview }: Found, trouble: Trouble | undefined) =>
    noticeForPreview(preview, trouble, options.githubUrl);

  /** Says why there is nothing to show; a preview that sleeps is woken for whoever asks for it. */
  const explainOrWake = (request: IncomingMessage, found: Found) => {
    const called = found.preview.status.phase === "Asleep" && isCall(request);
    if (called) options.activity.knock(found.preview);
    return explain(found, called ? "called" : undefined);
  };

  const begin = (request: IncomingMessage, preview: Preview) =>
    isVisit(request) ? options.activity.begin(preview) : () => undefined;

  return {
    server,
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const timer = setTimeout(() => {
        server.closeAllConnections();
        for (const client of upgraded) client.destroy();
      }, graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

const badRequest: Notice = {
  status: 400,
  code: "bad-request",
  title: "Bad request",
  text: "The request names something that is no path on this host.",
  tone: "bad",
};

const healthy: Notice = { status: 200, code: "alive", title: "The gateway is alive", text: "It is.", tone: "calm" };

/** The ready pods, each time beginning with the next one. */
function roundRobin(endpoints: Endpoints): (target: Target) => readonly PodAddress[] {
  let turn = 0;
  return ({ namespace, service, port }) => {
    const pods = endpoints.ready(namespace, service, port);
    if (pods.length < 2) return pods;
    turn = (turn + 1) % 1_000_000;
    const first = turn % pods.length;
    return [...pods.slice(first), ...pods.slice(0, first)];
  };
}

function originOf(request: IncomingMessage, { host }: { host: string }, { scheme }: GatewayOptions): Origin {
  // The header names this host, perhaps with a port; that is what the visitor sees.
  return { address: request.socket.remoteAddress ?? "", host: request.headers.host ?? host, scheme };
}

function show(request: IncomingMessage, response: ServerResponse, notice: Notice): void {
  if (response.headersSent || response.destroyed) return;
  const { status, headers, body } = page(notice, request.headers.accept);
  // The rest of an upload is thrown away with its connection.
  if (!request.complete && request.headers["content-length"] !== undefined) headers["connection"] = "close";
  response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body);
}

function refuse(request: IncomingMessage, client: Duplex, notice: Notice): void {
  client.on("error", () => client.destroy());
  const { status, headers, body } = page(notice, request.headers.accept);
  const lines = Object.entries({ ...headers, connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
  client.end(`HTTP/1.1 ${status} ${notice.title}\r\n${lines.join("")}\r\n${body}`);
}
