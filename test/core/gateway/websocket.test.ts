import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { gateway, gone, host, pod } from "./running.ts";

describe("a WebSocket", () => {
  test("speaks both ways, and closes both ways", async () => {
    const web = await pod((_, response) => response.end());
    const sockets = new WebSocketServer({ server: web.server, path: "/live" });
    sockets.on("connection", (socket, incoming) => {
      socket.on("message", (message: Buffer, isBinary) =>
        socket.send(isBinary ? message : `${message.toString()} back`),
      );
      socket.send(`for ${String(incoming.headers["x-forwarded-for"])} at ${incoming.headers.host}`);
    });
    const { port } = await gateway([web]);
    const client = new WebSocket(`ws://127.0.0.1:${port}/live`, { headers: { host, "x-forwarded-for": "10.0.0.1" } });
    const [greeting]: unknown[] = await once(client, "message");
    expect(String(greeting)).toBe(`for 127.0.0.1 at ${host}`);
    client.send("there and");
    expect(String((await once(client, "message"))[0])).toBe("there and back");
    const large = randomBytes(2 * 1024 * 1024);
    client.send(large);
    const [echo]: unknown[] = await once(client, "message");
    expect(echo).toEqual(large);
    const [inside] = sockets.clients;
    if (inside === undefined) throw new Error("no connection inside");
    const ended = once(inside, "close");
    client.close(4001, "enough");
    expect((await ended)[0]).toBe(4001);
    sockets.close();
  });

  test("that the pod does not want gets the pod's answer", async () => {
    const web = await pod((_, response) => response.end());
    web.server.on("upgrade", (_, socket) => {
      socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno");
    });
    const { port } = await gateway([web]);
    const client = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host } });
    client.on("error", () => undefined);
    const [, response] = await once(client, "unexpected-response");
    expect([response.statusCode, await text(response)]).toEqual([403, "no"]);
  });

  test.each([
    ["nobody.preview.example.dev", 404],
    [host, 502],
  ])("to %s without a pod gets a page: %i", async (header, status) => {
    const { port } = await gateway([await gone()]);
    const client = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host: header } });
    client.on("error", () => undefined);
    const [, response] = await once(client, "unexpected-response");
    expect(response.statusCode).toBe(status);
    response.resume();
  });

  test("does not keep the gateway from closing", async () => {
    const web = await pod((_, response) => response.end());
    const sockets = new WebSocketServer({ server: web.server });
    const { port, close } = await gateway([web]);
    const client = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host } });
    await once(client, "open");
    const ended = once(client, "close");
    await close();
    expect((await ended)[0]).toBe(1006);
    sockets.close();
  });

  test("ends when its client is cut off", async () => {
    const web = await pod((_, response) => response.end());
    const sockets = new WebSocketServer({ server: web.server });
    const inside = once(sockets, "connection");
    const { port } = await gateway([web]);
    const client = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host } });
    await once(client, "open");
    const [connection] = await inside;
    const ended = once(connection, "close");
    client.terminate();
    await ended;
    expect(sockets.clients.size).toBe(0);
    sockets.close();
  });
});
