import { request } from "node:http";

export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

/**
 * Asks a preview's URL as a browser would: `*.localhost` is this machine, whatever the resolver says.
 * Rejects where nothing answers within ten seconds.
 */
export function askPreview(url: string, path = "/", headers: Record<string, string> = {}): Promise<Answer> {
  const target = new URL(path, url);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: target.hostname.endsWith(".localhost") ? "127.0.0.1" : target.hostname,
        port: target.port,
        path: `${target.pathname}${target.search}`,
        headers: { host: target.host, ...headers },
        signal: AbortSignal.timeout(10_000),
      },
      (incoming) => {
        let body = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => {
          body += chunk;
        });
        incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }));
        incoming.on("error", reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.end();
  });
}
