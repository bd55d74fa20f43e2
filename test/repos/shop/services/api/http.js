import { isUnreachable } from "./database.js";
import { pending } from "./schema.js";
import { findOrder, latestOrders, placeOrder, products, Refused } from "./shop.js";

/** The API as a request listener. */
export function createApi(sql, events) {
  const routes = {
    "GET /healthz": async () => [200, { status: "up" }],
    "GET /readyz": () => readiness(sql),
    "GET /products": async () => [200, await products(sql)],
    "GET /orders": async (request, url) => [200, await latestOrders(sql, limitOf(url))],
    "POST /orders": async (request) => [201, await placeOrder(sql, await jsonBody(request))],
  };

  return async function api(request, response) {
    const url = new URL(request.url, "http://api");
    const order = /^\/orders\/(\d{1,9})$/.exec(url.pathname);
    try {
      if (request.method === "GET" && url.pathname === "/events") return events.subscribe(response);
      if (request.method === "GET" && order !== null) return send(response, ...(await oneOrder(sql, Number(order[1]))));
      const route = routes[`${request.method} ${url.pathname}`];
      if (route === undefined) return send(response, 404, { error: `No ${request.method} ${url.pathname} here.` });
      send(response, ...(await route(request, url)));
    } catch (error) {
      send(response, ...answerTo(error));
    }
  };
}

async function readiness(sql) {
  const missing = await pending(sql);
  return missing.length === 0 ? [200, { status: "ready" }] : [503, { error: `The schema lacks ${missing.join(", ")}.` }];
}

async function oneOrder(sql, id) {
  const order = await findOrder(sql, id);
  return order === undefined ? [404, { error: `There is no order ${id}.` }] : [200, order];
}

function answerTo(error) {
  if (error instanceof Refused) return [error.status, { error: error.message }];
  if (isUnreachable(error)) return [503, { error: "The database does not answer." }];
  console.error(error);
  return [500, { error: "Something went wrong." }];
}

function limitOf(url) {
  const limit = Number(url.searchParams.get("limit") ?? 10);
  return Number.isInteger(limit) && limit > 0 && limit <= 100 ? limit : 10;
}

async function jsonBody(request) {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > 4096) throw new Refused(413, "That is more than an order.");
  }
  try {
    return Object(JSON.parse(text));
  } catch {
    throw new Refused(400, "An order is JSON.");
  }
}

function send(response, status, value) {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  response.end(JSON.stringify(value));
}
