// What a customer does, from inside the cluster: look at the page, order, and get it shipped.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

const web = process.env.WEB_URL ?? "http://shop-web";
const api = process.env.API_URL ?? "http://shop-api";

const page = await fetch(web);
assert.equal(page.status, 200, "the front page answers");
assert.match(await page.text(), /Paper moon/, "the front page lists the products");

const placed = await fetch(`${api}/orders`, {
  method: "POST",
  body: JSON.stringify({ product: "quill", quantity: 1, customer: "helm test" }),
});
assert.equal(placed.status, 201, "an order is taken");
let order = await placed.json();

const patience = Date.now() + 20_000;
while (order.status !== "shipped" && Date.now() < patience) {
  await pause(250);
  order = await (await fetch(`${api}/orders/${order.id}`)).json();
}
assert.equal(order.status, "shipped", "the worker ships the order");
console.log(`Order ${order.id} was placed and shipped.`);
