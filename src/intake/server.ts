import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Answer, type Receive, payloadLimit, tooLarge } from "./receive.ts";

export type IntakeServerOptions = {
  receive: Receive;
  /** Whether deliveries can be taken right now: the queue answers. */
  isReady(): Promise<boolean>;
  onError: (error: unknown) => void;
  /** How long a client may take over its headers, and over the whole request. */
  headersTimeoutMs?: number;
  requestTimeoutMs?: number;
};

export const webhookPath = "/webhooks/github";

/** How long the rest of a refused body is read and thrown away. */
const lingerMs = 1_000;

/** An HTTP server for GitHub's deliveries and the health checks; `listen` is the caller's. */
export function createIntakeServer(options: IntakeServerOptions): Server {
  const server = createServer(
    {
      headersTimeout: options.headersTimeoutMs ?? 10_000,
      requestTimeout: options.requestTimeoutMs ?? 30_000,
      connectionsCheckingInterval: 1_000,
      // Longer than the idle time of the usual load balancers, so that they close first.
      keepAliveTimeout: 65_000,
    },
    (request, response) => {
      void serve(request, response, options);
    },
  );
  return server;
}

/** Stops listening, lets running requests finish for a while, then ends what is left. */
export async function closeServer(server: Server, graceMs = 5_000): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

async function serve(request: IncomingMessage, response: ServerResponse, options: IntakeServerOptions): Promise<void> {
  try {
    const result = await answer(request, options);
    if (result !== undefined) send(request, response, result);
  } catch (error) {
    options.onError(error);
    if (!response.headersSent) send(request, response, { status: 500, body: { error: "Unexpected error." } });
  }
}

async function answer(request: IncomingMessage, options: IntakeServerOptions): Promise<Answer | undefined> {
  const [path = "/"] = (request.url ?? "/").split("?", 1);
  switch (path) {
    case "/healthz":
      return { status: 200, body: { status: "alive" } };
    case "/readyz":
      return (await options.isReady())
        ? { status: 200, body: { status: "ready" } }
        : { status: 503, body: { status: "not ready", error: "The queue does not answer." } };
    case webhookPath: {
      if (request.method !== "POST") return { status: 405, body: { error: "Deliveries come by POST." } };
      const bytes = await readBody(request);
      if (bytes === "aborted") return undefined;
      return bytes === "too large" ? tooLarge() : await options.receive(request.headers, bytes);
    }
    default:
      return { status: 404, body: { error: "There is nothing here." } };
  }
}

/** Reads at most one byte more than the limit, and nothing at all where the length is told to be over it. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | "too large" | "aborted"> {
  if (Number(request.headers["content-length"] ?? 0) > payloadLimit) return "too large";
  return await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > payloadLimit) {
        chunks.length = 0;
        resolve("too large");
      } else chunks.push(chunk);
    });
    request.on("end", () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on("close", () => resolve("aborted"));
    request.on("error", () => resolve("aborted"));
  });
}

function send(request: IncomingMessage, response: ServerResponse, { status, body }: Answer): void {
  if (response.destroyed) return;
  const text = JSON.stringify(body);
  const headers: Record<string, string | number> = {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  };
  if (status === 405) headers["allow"] = "POST";
  if (!hasUnreadBody(request)) {
    response.writeHead(status, headers).end(text);
    return;
  }
  // The connection ends here, but a client that is still sending would see a reset instead of this answer: so what it
  // sends is thrown away for a moment first.
  response.writeHead(status, { ...headers, connection: "close" });
  response.write(text);
  const timer = setTimeout(() => response.end(), lingerMs);
  request.once("end", () => response.end());
  request.once("close", () => clearTimeout(timer));
  request.resume();
}

function hasUnreadBody(request: IncomingMessage): boolean {
  const announced =
    request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  return announced && !request.complete;
}
