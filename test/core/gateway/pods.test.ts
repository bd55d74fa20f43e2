import { createServer } from "node:http";
import { connect } from "node:net";
import { duplexPair } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { PodAddress } from "../../../src/ports/endpoints.ts";
import { ask, gateway, gone, host, pod } from "./running.ts";
import { preview } from "./sample.ts";

describe("pods", () => {
  test("take turns", async () => {
    const names = ["a", "b", "c"];
    const pods = await Promise.all(names.map((name) => pod((_, response) => response.end(name))));
    const { port } = await gateway(pods);
    const answers: string[] = [];
    for (let n = 0; n < 6; n += 1) answers.push(await text(await ask(port)));
    expect(names.map((name) => answers.filter((each) => each === name).length)).toEqual([2, 2, 2]);
  });

  test("that are gone are passed over by what can be asked twice", async () => {
    const web = await pod((_, response) => response.end("here"));
    const { port } = await gateway([await gone(), web]);
    for (let n = 0; n < 4; n += 1) expect(await text(await ask(port))).toBe("here");
  });

  test("that are gone, all of them, make a page", async () => {
    const { port } = await gateway([await gone(), await gone()]);
    const response = await ask(port, { headers: { accept: "application/json" } });
    expect([response.statusCode, response.headers["retry-after"]]).toEqual([502, "2"]);
    expect(await text(response)).toContain('"code":"unreachable"');
    expect((await ask(port, { method: "POST", body: "x" })).statusCode).toBe(502);
  });

  test("that never answer make another", async () => {
    const web = await pod(() => undefined);
    const { port } = await gateway([web], preview("12-shop"), { firstByteMs: 300 });
    expect((await ask(port)).statusCode).toBe(504);
  });

  test("that hang up on an idle connection are asked once more", async () => {
    const sockets = new Set<unknown>();
    const web = await pod((incoming, response) => {
      // The second request on a connection is hung up on, as by a server that closed it a moment before.
      if (sockets.has(incoming.socket)) return void incoming.socket.destroy();
      sockets.add(incoming.socket);
      response.end("here");
    });
    const { port } = await gateway([web]);
    for (let n = 0; n < 3; n += 1) expect(await text(await ask(port))).toBe("here");
    expect(sockets.size).toBe(3);
  });

  test("are reached through a tunnel where there is one", async () => {
    const inside = createServer((incoming, response) => response.end(`${incoming.headers.host} through`));
    const reached: PodAddress[] = [];
    const tunnel = (address: PodAddress) => {
      reached.push(address);
      const [near, far] = duplexPair();
      inside.emit("connection", far);
      return Promise.resolve(near);
    };
    const address = { ip: "10.0.0.7", port: 3000, namespace: "preview-12-shop", pod: "web.0" };
    const { port } = await gateway([address], preview("12-shop"), { tunnel });
    expect(await text(await ask(port))).toBe(`${host} through`);
    expect(reached).toEqual([{ ...address, ip: "" }]);
  });
});

describe("hosts", () => {
  test.each([
    ["nobody.preview.example.dev", 404],
    ["evil.example", 404],
    ["169.254.169.254", 404],
    ["bad host", 400],
    ["[::1]", 400],
  ])("%s gets %i", async (header, status) => {
    const { port } = await gateway([]);
    expect((await ask(port, { headers: { host: header } })).statusCode).toBe(status);
  });

  test("named twice count by the first, and have to be named", async () => {
    const web = await pod((incoming, response) => response.end(`asked at ${incoming.headersDistinct["host"]?.join()}`));
    const { port } = await gateway([web]);
    const answerTo = async (hosts: string) => {
      const socket = connect(port, "127.0.0.1");
      socket.write(`GET / HTTP/1.1\r\n${hosts}connection: close\r\n\r\n`);
      return await text(socket);
    };
    expect(await answerTo("")).toMatch(/^HTTP\/1.1 400 /);
    expect(await answerTo(`host: evil.example\r\nhost: ${host}\r\n`)).toMatch(/^HTTP\/1.1 40[04] /);
    const first = await answerTo(`host: ${host}\r\nhost: evil.example\r\n`);
    expect(first).toContain("asked at 12-shop");
    expect(first).not.toContain("evil");
  });

  test("whose preview is not ready yet show a page", async () => {
    const { status, ...rest } = preview("12-shop", { phase: "Building" });
    const { deployedCommit: _, ...building } = status;
    const web = await pod((_incoming, response) => response.end("here"));
    const { port } = await gateway([web], { ...rest, status: building });
    const response = await ask(port);
    expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "2"]);
    expect(await text(response)).toContain("The preview is being built");
  });

  test("that are ours and nobody's answer a health check", async () => {
    const { port } = await gateway([]);
    expect((await ask(port, { path: "/healthz", headers: { host: "10.0.0.1:8080" } })).statusCode).toBe(200);
  });

  test("cannot be asked for by an address in place of a path", async () => {
    const web = await pod((_, response) => response.end("here"));
    const { port } = await gateway([web]);
    const socket = connect(port, "127.0.0.1");
    socket.end(`GET http://169.254.169.254/ HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
  });
});
