import { createServer } from "node:http";
import { connect } from "./database.js";
import { createDoorbell } from "./doorbell.js";
import { shipNext } from "./ship.js";

const packingTime = Number(process.env.PACKING_MILLISECONDS ?? 1000);
// Notifications are quick, looking is sure: one could get lost while the connection is down.
const lookEvery = 5000;
const hungAfter = 30_000;

const sql = connect({ max: 2 });
const doorbell = createDoorbell();
let stopping = false;
let listening = false;
let lastRound = Date.now();

function startedListening() {
  listening = true;
  doorbell.ring();
}

/** One look for an order; false if there was nothing to ship, or no way to look. */
async function round() {
  try {
    const shipped = await shipNext(sql, packingTime);
    if (shipped !== undefined) console.log(`Shipped order ${shipped}.`);
    return shipped !== undefined;
  } catch (error) {
    console.error(`Cannot look for orders: ${error.message}`);
    return false;
  }
}

const health = createServer((request, response) => {
  const well = request.url === "/readyz" ? listening : Date.now() - lastRound < hungAfter;
  response.writeHead(well ? 200 : 503, { "content-type": "text/plain" }).end(well ? "ok\n" : "no\n");
}).listen(Number(process.env.PORT ?? 8082), () => console.log("worker waits for orders"));

process.once("SIGTERM", () => {
  stopping = true;
  doorbell.ring();
});

// The driver takes the subscription up again whenever its connection is back, even if the first one failed.
sql
  .listen("orders", () => doorbell.ring(), startedListening)
  .catch((error) => console.error(`Not listening for orders yet: ${error.message}`));
while (!stopping) {
  const busy = await round();
  lastRound = Date.now();
  if (!busy) await doorbell.wait(lookEvery);
}
health.close();
health.closeAllConnections();
await sql.end({ timeout: 3 });
