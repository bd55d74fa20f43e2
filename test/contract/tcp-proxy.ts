import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way to a server that can turn into a hole: connections stay open, and nothing comes through in either direction. */
export type TcpProxy = {
  port: number;
  /** From now on every byte is swallowed, also on connections that are yet to come. */
  swallow(): void;
  /** Lets new connections through again; those that were in the hole end. */
  letThrough(): void;
  close(): Promise<void>;
};

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let swallows = false;
  const forward = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on("data", (bytes) => {
      if (!swallows) to.write(bytes);
    });
    from.on("error", () => undefined);
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    forward(client, target);
    forward(target, client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    swallow: () => {
      swallows = true;
    },
    letThrough: () => {
      swallows = false;
      cut();
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
