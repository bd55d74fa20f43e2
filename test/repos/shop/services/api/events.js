import { findOrder } from "./shop.js";

const keepAlive = 15_000;

/** Every change of an order, from PostgreSQL's notifications to all who subscribed, as Server-Sent Events. */
export function orderEvents(sql) {
  const subscribers = new Set();
  const tick = setInterval(() => tell(": still here\n\n"), keepAlive);

  function tell(text) {
    for (const response of subscribers) response.write(text);
  }

  async function announce(id) {
    if (subscribers.size === 0) return;
    try {
      const order = await findOrder(sql, Number(id));
      if (order !== undefined) tell(`event: order\ndata: ${JSON.stringify(order)}\n\n`);
    } catch (error) {
      console.error(`Order ${id} was not announced: ${error.message}`);
    }
  }

  // The driver takes the subscription up again whenever its connection is back, even if the first one failed.
  sql.listen("orders", announce).catch((error) => console.error(`Not listening for orders yet: ${error.message}`));

  return {
    subscribe(response) {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
      response.write("retry: 1000\n\n");
      subscribers.add(response);
      response.once("close", () => subscribers.delete(response));
    },
    close() {
      clearInterval(tick);
      for (const response of subscribers) response.end();
    },
  };
}
