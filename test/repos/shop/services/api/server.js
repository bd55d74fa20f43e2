import { createServer } from "node:http";
import { connect } from "./database.js";
import { createApi } from "./http.js";
import { orderEvents } from "./events.js";

const sql = connect();
const events = orderEvents(sql);
const server = createServer(createApi(sql, events));
server.listen(Number(process.env.PORT ?? 8081), () => console.log(`api listens on ${server.address().port}`));

process.once("SIGTERM", async () => {
  server.close();
  events.close();
  server.closeIdleConnections();
  await sql.end({ timeout: 3 });
  process.exit(0);
});
