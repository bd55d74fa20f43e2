import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { frontPage } from "./page.js";
import { readShelf, sendOrder } from "./shelf.js";

const publicFile = (name) => readFileSync(join(import.meta.dirname, "public", name), "utf8");
const policy = "default-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The shop's pages as a request listener. */
export function createSite({ api, url, version, theme }) {
  const style = `:root { --accent: ${theme.accent} }\n${publicFile("style.css")}`;
  const script = publicFile("app.js");

  async function showPage(response, status, message) {
    const shelf = await readShelf(api);
    const page = frontPage({ theme, version, url, shelf, message });
    send(response, shelf === undefined ? 503 : status, "text/html", page);
  }

  async function takeOrder(request, response) {
    const form = new URLSearchParams(await body(request));
    const { order, status, problem } = await sendOrder(api, {
      product: form.get("product"),
      quantity: Number(form.get("quantity")),
      customer: form.get("customer"),
    });
    if (order === undefined) return showPage(response, status, { good: false, text: problem });
    // So that reloading the page does not order again.
    response.writeHead(303, { location: `/?ordered=${order.id}` }).end();
  }

  return async function site(request, response) {
    const { pathname, searchParams } = new URL(request.url, "http://web");
    const ordered = /^\d{1,9}$/.exec(searchParams.get("ordered") ?? "")?.[0];
    try {
      switch (`${request.method} ${pathname}`) {
        case "GET /":
          return await showPage(response, 200, ordered && { good: true, text: `Thank you! Order #${ordered} is being packed.` });
        case "POST /orders":
          return await takeOrder(request, response);
        case "GET /events":
          return await streamEvents(api, response);
        case "GET /style.css":
          return send(response, 200, "text/css", style);
        case "GET /app.js":
          return send(response, 200, "text/javascript", script);
        case "GET /version":
          return send(response, 200, "application/json", JSON.stringify({ ...version, title: theme.title }));
        case "GET /healthz":
          return send(response, 200, "text/plain", "ok\n");
        default:
          return send(response, 404, "text/plain", "Nothing here.\n");
      }
    } catch (error) {
      console.error(error);
      if (response.headersSent) response.destroy();
      else send(response, 500, "text/plain", "Something went wrong.\n");
    }
  };
}

/** Passes the API's event stream on as it comes. */
async function streamEvents(api, response) {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const upstream = await fetch(`${api}/events`, { signal: gone.signal });
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
    await pipeline(Readable.fromWeb(upstream.body), response);
  } catch {
    // Either side went away: the browser asks again by itself, a few seconds after an answer without a stream.
    if (!response.headersSent) send(response, 503, "text/plain", "No events at the moment.\n");
  }
}

async function body(request) {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > 4096) break;
  }
  return text;
}

function send(response, status, type, text) {
  response.writeHead(status, {
    "content-type": `${type}; charset=utf-8`,
    "cache-control": "no-store",
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
  });
  response.end(text);
}
