import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";
import WebSocket from "ws";
import { createLive } from "../live.js";
import { createSite } from "../site.js";

const version = { pullRequest: "12", commit: "abc" };

async function listening(server) {
  await once(server.listen(0, "127.0.0.1"), "listening");
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${server.address().port}`;
}

async function site(api) {
  const live = createLive(version);
  after(() => live.close());
  const theme = { title: "Shop", tagline: "", accent: "#000000" };
  return listening(createServer(createSite({ api, url: "", version, theme })).on("upgrade", live.upgrade));
}

test("an order is passed to the API, and the visitor comes back to the page", async () => {
  const orders = [];
  const api = await listening(
    createServer(async (request, response) => {
      orders.push(JSON.parse((await request.toArray()).join("")));
      response.writeHead(201).end(JSON.stringify({ id: 7 }));
    }),
  );
  const response = await fetch(`http://${await site(`http://${api}`)}/orders`, {
    method: "POST",
    body: new URLSearchParams({ product: "moon", quantity: "2", customer: "Ada" }),
    redirect: "manual",
  });
  assert.equal(response.status, 303);
  assert.equal(response.headers.get("location"), "/?ordered=7");
  assert.deepEqual(orders, [{ product: "moon", quantity: 2, customer: "Ada" }]);
});

test("events are passed on as they come", async () => {
  const api = await listening(
    createServer((_request, response) => {
      response.writeHead(200).write("event: order\ndata: {}\n\n");
    }),
  );
  const response = await fetch(`http://${await site(`http://${api}`)}/events`);
  const { value } = await response.body.getReader().read();
  assert.equal(new TextDecoder().decode(value), "event: order\ndata: {}\n\n");
});

test("without an API the page says so", async () => {
  const response = await fetch(`http://${await site("http://127.0.0.1:1")}/`);
  assert.equal(response.status, 503);
  assert.match(await response.text(), /The shop is opening/);
});

test("the WebSocket greets with the version, counts visitors and passes waves on", async () => {
  const address = await site("http://127.0.0.1:1");
  const socket = new WebSocket(`ws://${address}/live`);
  const messages = [];
  socket.on("message", (data) => {
    messages.push(JSON.parse(String(data)));
    if (messages.length === 2) socket.send("wave");
    if (messages.length === 3) socket.close();
  });
  await once(socket, "close");
  assert.deepEqual(messages, [{ type: "hello", ...version }, { type: "visitors", visitors: 1 }, { type: "wave" }]);
});
