import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGate, mayPass } from "../../../infra/local/registry/gate.ts";

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

describe("who may do what", () => {
  test.each([
    ["GET", basic("previews:secret"), true],
    ["HEAD", basic("previews:secret"), true],
    ["PUT", basic("previews:secret"), false],
    ["POST", basic("previews:secret"), false],
    ["PATCH", basic("previews:secret"), false],
    ["DELETE", basic("previews:secret"), false],
    ["PUT", basic("writer:secret"), true],
    ["DELETE", basic("writer:with:colons"), true],
    ["POST", basic("writer"), true],
    ["POST", basic("Writer:secret"), false],
    ["POST", basic("previews:writer:secret"), false],
    ["POST", "Bearer writer", false],
    ["POST", "Basic ***", false],
    ["POST", "", false],
    // The registry asks for credentials then.
    ["POST", undefined, true],
  ])("%s with %s: %s", (method, authorization, expected) => {
    expect(mayPass(method, authorization, "writer")).toBe(expected);
  });
});

/** 64 MB that come in pieces, each of its own. */
function big(): Readable {
  return Readable.from(Array.from({ length: 64 }, (_, at) => Buffer.alloc(1024 * 1024, at)));
}

const seen: { method: string; url: string; headers: IncomingMessage["headers"]; bytes: number }[] = [];
const folder = mkdtempSync(join(tmpdir(), "gate-"));
const socket = join(folder, "registry.sock");
const registry = createServer((incoming, response) => {
  void (async () => {
    let bytes = 0;
    for await (const chunk of incoming) bytes += chunk.length;
    const { method = "", url = "", headers } = incoming;
    seen.push({ method, url, headers, bytes });
    response.setHeader("location", `http://${headers.host}/v2/a/blobs/uploads/1`);
    if (url.endsWith("/big")) big().pipe(response);
    else response.writeHead(method === "PUT" ? 201 : 200).end(method === "HEAD" ? undefined : "answered");
  })();
});
const gate = createGate({ socket, writer: "writer" });
let url: string;

async function listening(server: Server, where: { path: string } | { host: string; port: number }): Promise<void> {
  server.listen(where);
  await once(server, "listening");
}

const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

beforeAll(async () => {
  await listening(registry, { path: socket });
  await listening(gate, { host: "127.0.0.1", port: 0 });
  const address = gate.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  url = `http://127.0.0.1:${address.port}`;
});
afterAll(() => {
  gate.closeAllConnections();
  gate.close();
  registry.closeAllConnections();
  registry.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the registry behind its gate", () => {
  test("sees the request as it was sent, and answers under the name it was asked by", async () => {
    const headers = { authorization: basic("previews:secret"), accept: "a, b" };
    const response = await fetch(`${url}/v2/a/tags/list?n=1`, { headers });
    expect(await response.text()).toBe("answered");
    expect(response.headers.get("location")).toBe(`${url}/v2/a/blobs/uploads/1`);
    expect(seen.at(-1)).toMatchObject({ method: "GET", url: "/v2/a/tags/list?n=1", headers });
  });

  test("does not see what an account that may only pull wants to write", async () => {
    const before = seen.length;
    const init = { method: "PUT", headers: { authorization: basic("previews:secret") }, body: "{}" };
    const response = await fetch(`${url}/v2/a/manifests/1`, init);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ errors: [{ code: "DENIED" }] });
    expect(seen.length).toBe(before);
  });

  test("passes an upload in pieces and a download through, whole and in order", async () => {
    const headers = { authorization: basic("writer:secret"), expect: "100-continue" };
    const upload = request(`${url}/v2/a/blobs/uploads/1`, { method: "PUT", headers });
    big().pipe(upload);
    const [answer] = await once(upload, "response");
    answer.resume();
    expect(answer.statusCode).toBe(201);
    expect(seen.at(-1)?.bytes).toBe(64 * 1024 * 1024);
    const response = await fetch(`${url}/v2/a/blobs/big`, { headers: { authorization: basic("previews:secret") } });
    expect(sha256(Buffer.from(await response.arrayBuffer()))).toBe(sha256(await buffer(big())));
  });

  test("is said to be unavailable while it is away, and is there again afterwards", async () => {
    registry.closeAllConnections();
    await new Promise((closed) => registry.close(closed));
    const away = await fetch(`${url}/v2/`);
    expect(away.status).toBe(503);
    expect(await away.json()).toMatchObject({ errors: [{ code: "UNAVAILABLE" }] });
    await listening(registry, { path: socket });
    expect((await fetch(`${url}/v2/`)).status).toBe(200);
  });
});
