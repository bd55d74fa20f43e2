import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { bridge } from "../../../infra/local/lab/endpoints.ts";

/** A server that pods ask whether they may go on: so a test holds a stage open for as long as it wants. */
export class Gate {
  readonly url: string;
  readonly #server: Server;
  readonly #open: Set<string>;

  private constructor(server: Server, url: string, open: Set<string>) {
    this.#server = server;
    this.url = url;
    this.#open = open;
  }

  static async listen(): Promise<Gate> {
    const open = new Set<string>();
    const server = createServer(({ url = "/" }, response) => {
      response.writeHead(open.has(url.slice(1)) ? 200 : 503).end();
    });
    server.listen(0, bridge.address);
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the gate has no port");
    return new Gate(server, `http://${bridge.address}:${address.port}`, open);
  }

  open(...names: string[]): void {
    for (const name of names) this.#open.add(name);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
