import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { buffer, text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { ask, gateway, host, pod } from "./running.ts";

const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("a request", () => {
  test("reaches its pod as it is, and the answer comes back as it is", async () => {
    let seen: IncomingMessage | undefined;
    const web = await pod((incoming, response) => {
      seen = incoming;
      response.writeHead(418, "Short and stout", ["Set-Cookie", "a=1", "Set-Cookie", "b=2", "X-Own", "yes"]);
      response.end("tea");
    });
    const { port } = await gateway([web]);
    const response = await ask(port, {
      path: "/../../etc/passwd?q=%2e%2e/%00&q=2#x",
      headers: { "x-forwarded-for": "10.0.0.1", "x-own": "1", connection: "close, x-own" },
    });
    expect([response.statusCode, response.statusMessage, await text(response)]).toEqual([
      418,
      "Short and stout",
      "tea",
    ]);
    expect(response.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    expect(response.headers["x-own"]).toBe("yes");
    expect(seen?.url).toBe("/../../etc/passwd?q=%2e%2e/%00&q=2#x");
    expect(seen?.headers).toMatchObject({
      host,
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-host": host,
      "x-forwarded-proto": "https",
    });
    expect(seen?.headers["x-own"]).toBeUndefined();
  });

  test.each(["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])("may be a %s", async (method) => {
    const web = await pod((incoming, response) => {
      incoming.resume().on("end", () => response.writeHead(200, { "x-method": String(incoming.method) }).end("body"));
    });
    const { port } = await gateway([web]);
    const response = await ask(port, { method, ...(method.startsWith("P") ? { body: "x" } : {}) });
    expect(response.headers["x-method"]).toBe(method);
    expect(await text(response)).toBe(method === "HEAD" ? "" : "body");
  });

  test("of any size streams through both ways", async () => {
    const web = await pod((incoming, response) => incoming.pipe(response));
    const { port } = await gateway([web]);
    const sent = randomBytes(8 * 1024 * 1024);
    const echoed = await buffer(await ask(port, { method: "POST", body: sent }));
    expect(digest(echoed)).toBe(digest(sent));
  });

  test("is answered before it has ended", async () => {
    const web = await pod((incoming, response) => {
      incoming.once("data", (chunk: Buffer) => response.write(`got ${chunk.toString()}`));
      incoming.on("end", () => response.end(" and all"));
    });
    const { port } = await gateway([web]);
    const asked = request({ port, method: "POST", headers: { host, "transfer-encoding": "chunked" }, agent: false });
    asked.write("one");
    const [response]: IncomingMessage[] = await once(asked, "response");
    const [first]: Buffer[] = await once(response ?? asked, "data");
    expect(String(first)).toBe("got one");
    asked.end();
    expect(response === undefined ? "" : await text(response)).toBe(" and all");
  });
});

describe("a stream of events", () => {
  test("comes at once, head and all, and ends with its listener", async () => {
    let left: Promise<unknown> | undefined;
    let say: ((text: string) => void) | undefined;
    const web = await pod((_, response) => {
      left = once(response, "close");
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      say = (line) => response.write(line);
    });
    const { port } = await gateway([web]);
    const response = await ask(port);
    expect(response.headers["content-type"]).toBe("text/event-stream");
    say?.("data: one\n\n");
    const [first]: Buffer[] = await once(response, "data");
    expect(String(first)).toBe("data: one\n\n");
    response.destroy();
    await left;
  });
});

describe("a client that leaves", () => {
  test("before the answer ends the pod's work", async () => {
    const reached = Promise.withResolvers<{ closed: Promise<unknown> }>();
    const web = await pod((_, response) => reached.resolve({ closed: once(response, "close") }));
    const { port, errors } = await gateway([web]);
    const asked = request({ port, headers: { host }, agent: false }).on("error", () => undefined);
    asked.end();
    const { closed } = await reached.promise;
    asked.destroy();
    await closed;
    expect(errors).toEqual([]);
  });

  test("and a pod that breaks off is seen to have broken off", async () => {
    const web = await pod((_, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half", () => response.destroy());
    });
    const { port } = await gateway([web]);
    await expect(ask(port).then((response) => text(response))).rejects.toThrow("aborted");
  });
});
