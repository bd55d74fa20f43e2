import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type RefusingRegistry = { host: string; close(): Promise<void> };

/**
 * A registry that gives nothing out, in the words of the distribution specification: `missing/…` does
 * not exist, `private/…` wants credentials, `limited/…` was asked for too often. Whatever else it is asked ends in 501.
 */
export async function refusingRegistry(): Promise<RefusingRegistry> {
  const server = createServer(({ url = "" }, response) => {
    const answer = (status: number, code: string, headers: Record<string, string> = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }));
    };
    if (url.startsWith("/v2/missing/")) answer(404, "MANIFEST_UNKNOWN");
    else if (url.startsWith("/v2/private/"))
      answer(401, "UNAUTHORIZED", { "www-authenticate": 'Basic realm="a private registry"' });
    else if (url.startsWith("/v2/limited/")) answer(429, "TOOMANYREQUESTS");
    else answer(501, "UNSUPPORTED");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server that listens on TCP has such an address
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
