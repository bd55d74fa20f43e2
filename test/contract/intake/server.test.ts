import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type Receive, payloadLimit } from "../../../src/intake/receive.ts";
import { type IntakeServerOptions, closeServer, createIntakeServer } from "../../../src/intake/server.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(options: Partial<IntakeServerOptions> = {}) {
  const received: number[] = [];
  const receive: Receive = (_, bytes) => {
    received.push(bytes.length);
    return Promise.resolve({ status: 202, body: { result: "queued" } });
  };
  const server = createIntakeServer({
    receive,
    isReady: () => Promise.resolve(true),
    onError: () => undefined,
    ...options,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => closeServer(server, 100));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const { port } = address;
  return { server, received, port, url: `http://127.0.0.1:${port}` };
}

/** Sends raw text and returns everything that comes back until the connection ends. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk));
  socket.on("error", () => undefined);
  socket.write(text);
  await once(socket, "close");
  return answer;
}

test("hands the raw body on and answers what receive says", async () => {
  const { url, received } = await start();
  const response = await fetch(`${url}/webhooks/github`, { method: "POST", body: "{ }" });
  expect([response.status, await response.json()]).toEqual([202, { result: "queued" }]);
  expect(received).toEqual([3]);
});

test("tells alive from ready", async () => {
  const { url } = await start({ isReady: () => Promise.resolve(false) });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
});

test("knows one path and one method", async () => {
  const { url } = await start();
  const get = await fetch(`${url}/webhooks/github`);
  expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
  expect((await fetch(`${url}/webhooks/github/x`, { method: "POST" })).status).toBe(404);
});

test("refuses a body that says it is over the limit without waiting for it", async () => {
  const { port, received } = await start();
  const answer = await raw(
    port,
    `POST /webhooks/github HTTP/1.1\r\nhost: x\r\ncontent-length: ${payloadLimit + 1}\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1.1 413 /);
  expect(received).toEqual([]);
});

test("stops reading a body that turns out to be over the limit", async () => {
  const { url, received } = await start();
  const chunk = new Uint8Array(1024 * 1024);
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += chunk.length;
      if (sent > payloadLimit + 2 * chunk.length) controller.close();
      else controller.enqueue(chunk);
    },
  });
  const response = await fetch(`${url}/webhooks/github`, {
    method: "POST",
    body: endless,
    duplex: "half",
  });
  expect(response.status).toBe(413);
  expect(received).toEqual([]);
});

test("gives up on a client that drips", async () => {
  const { port, received } = await start({ headersTimeoutMs: 200, requestTimeoutMs: 400 });
  const headers = raw(port, "POST /webhooks/github HTTP/1.1\r\nhost: x\r\n");
  const body = raw(port, "POST /webhooks/github HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc");
  expect(await headers).toMatch(/^HTTP\/1.1 408 /);
  await body;
  expect(received).toEqual([]);
});

test("an error of ours is 500 and told", async () => {
  const errors: unknown[] = [];
  const { url } = await start({
    receive: () => Promise.reject(new Error("bug with s3cret")),
    onError: (error) => errors.push(error),
  });
  const response = await fetch(`${url}/webhooks/github`, { method: "POST", body: "{}" });
  expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining("s3cret")]);
  expect(errors).toHaveLength(1);
});
