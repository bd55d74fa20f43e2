import { type IncomingMessage, request } from "node:http";

export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

/** Where to connect for a preview's URL: `*.localhost` is this machine, whatever the resolver says. */
export function gatewayAddress(url: string): { host: string; port: string } {
  const { hostname, port } = new URL(url);
  return { host: hostname.endsWith(".localhost") ? "127.0.0.1" : hostname, port: port === "" ? "80" : port };
}

const answerMs = 10_000;

/** Sends one request to a preview as a browser would; rejects where nothing answers within ten seconds. */
function send(
  url: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; milliseconds?: number },
): Promise<IncomingMessage> {
  const target = new URL(path, url);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        ...gatewayAddress(url),
        method: options.method ?? "GET",
        path: `${target.pathname}${target.search}`,
        headers: { host: target.host, ...options.headers },
        signal: AbortSignal.timeout(options.milliseconds ?? answerMs),
      },
      resolve,
    );
    outgoing.on("error", reject);
    outgoing.end(options.body);
  });
}

async function read(incoming: IncomingMessage): Promise<Answer> {
  incoming.setEncoding("utf8");
  let body = "";
  for await (const chunk of incoming) body += String(chunk);
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body };
}

export async function askPreview(url: string, path = "/"): Promise<Answer> {
  return await read(await send(url, path, {}));
}

/** Sends a form as a page's button does. */
export async function postForm(url: string, path: string, fields: Record<string, string>): Promise<Answer> {
  const headers = { "content-type": "application/x-www-form-urlencoded", origin: new URL(url).origin };
  const body = new URLSearchParams(fields).toString();
  return await read(await send(url, path, { method: "POST", headers, body }));
}

/** Reads server-sent events until one is as wanted, and returns it; for at most 30 s. */
export async function followEvents(url: string, path: string, wanted: (event: string) => boolean): Promise<string> {
  const incoming = await send(url, path, { headers: { accept: "text/event-stream" }, milliseconds: 30_000 });
  incoming.setEncoding("utf8");
  let text = "";
  for await (const chunk of incoming) {
    text += String(chunk);
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    const found = events.find(wanted);
    if (found !== undefined) return found;
  }
  throw new Error(`the stream of ${path} ended without the event`);
}
