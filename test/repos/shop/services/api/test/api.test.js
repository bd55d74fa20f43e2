import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, describe, test } from "node:test";
import { orderEvents } from "../events.js";
import { createApi } from "../http.js";
import { migrate } from "../schema.js";
import { freshSchema, skip } from "./database.js";

describe("the API", { skip }, async () => {
  if (skip) return;
  const sql = await freshSchema();
  const events = orderEvents(sql);
  const server = createServer(createApi(sql, events));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  after(() => {
    events.close();
    server.close();
    server.closeAllConnections();
  });
  const order = (body) => fetch(`${url}/orders`, { method: "POST", body: JSON.stringify(body) });

  test("is not ready before the schema is", async () => {
    assert.equal((await fetch(`${url}/readyz`)).status, 503);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
  });

  test("two that migrate at once apply everything once", async () => {
    const applied = await Promise.all([migrate(sql), migrate(sql)]);
    assert.deepEqual(applied.flat(), ["001-products.sql", "002-orders.sql"]);
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
  });

  test("takes an order, the stock with it, and tells subscribers", async () => {
    const stream = (await fetch(`${url}/events`)).body.pipeThrough(new TextDecoderStream()).getReader();
    const placed = await order({ product: "moon", quantity: 2, customer: " Ada " });
    assert.equal(placed.status, 201);
    const { id, customer, status, stock } = await placed.json();
    assert.deepEqual({ customer, status, stock }, { customer: "Ada", status: "placed", stock: 58 });

    let told = "";
    while (!told.includes("event: order")) told += (await stream.read()).value;
    assert.match(told, new RegExp(`"id":${id},`));
    await stream.cancel();
  });

  test("two who want the last pieces: one gets them", async () => {
    const answers = await Promise.all([1, 2].map(() => order({ product: "rope", quantity: 2, customer: "Ada" })));
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, 409]);
  });

  for (const [why, body, status] of [
    ["no such product", { product: "sword", quantity: 1, customer: "Ada" }, 404],
    ["half a piece", { product: "moon", quantity: 0.5, customer: "Ada" }, 400],
    ["too many", { product: "moon", quantity: 21, customer: "Ada" }, 400],
    ["nobody", { product: "moon", quantity: 1, customer: " " }, 400],
    ["nothing", null, 400],
  ]) {
    test(`refuses an order: ${why}`, async () => assert.equal((await order(body)).status, status));
  }
});
