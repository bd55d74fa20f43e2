import { Agent, createServer, type IncomingHttpHeaders, request, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream";

/**
 * Whether a request may go on to the registry. The registry knows its accounts and checks their passwords, but it
 * cannot tell what each may do: only the writer may change anything, and everyone else it knows may read.
 */
export function mayPass(method: string, authorization: string | undefined, writer: string): boolean {
  if (method === "GET" || method === "HEAD") return true;
  // Without credentials the registry asks for some, and does nothing else.
  return authorization === undefined || userOf(authorization) === writer;
}

function userOf(authorization: string): string | undefined {
  const encoded = /^basic ([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString().split(":")[0];
}

/** The registry behind a socket, for everyone at an address: requests that may pass go through as they are. */
export function createGate(options: { readonly socket: string; readonly writer: string }): Server {
  const agent = new Agent({ keepAlive: true });
  // Go's own server waits as long for an upload, and for the next request of an idle connection.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, (incoming, response) => {
    const { method = "GET", url: path = "/", headers } = incoming;
    if (!mayPass(method, headers.authorization, options.writer)) {
      refuse(response, 403, "DENIED", "this account may only pull");
      return;
    }
    const passed = endToEnd(headers);
    const onward = request({ socketPath: options.socket, agent, method, path, headers: passed }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      pipeline(answer, response, () => undefined);
    });
    // Whoever goes away in the middle ends the registry's part as well.
    pipeline(incoming, onward, () => undefined);
    response.once("close", () => onward.destroy());
    onward.once("error", () => {
      if (response.headersSent) response.destroy();
      else refuse(response, 503, "UNAVAILABLE", "the registry does not answer");
    });
  });
  server.once("close", () => agent.destroy());
  return server;
}

/** Headers without those that speak of one connection alone. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _, "keep-alive": __, expect: ___, ...others } = headers;
  return others;
}

/** An error as the distribution specification has it. */
function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  // What is still to come of the request is not wanted: the connection cannot be used again.
  response.writeHead(status, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}
