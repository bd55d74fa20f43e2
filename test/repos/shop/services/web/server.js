import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { createLive } from "./live.js";
import { createSite } from "./site.js";

const version = { pullRequest: process.env.PULL_REQUEST ?? "", commit: process.env.COMMIT ?? "" };
const live = createLive(version);
const site = createSite({
  api: process.env.API_URL ?? "http://localhost:8081",
  url: process.env.PUBLIC_URL ?? "",
  version,
  theme: JSON.parse(await readFile(join(import.meta.dirname, "theme.json"), "utf8")),
});

const server = createServer(site).on("upgrade", live.upgrade);
server.listen(Number(process.env.PORT ?? 8080), () => console.log(`web listens on ${server.address().port}`));

process.once("SIGTERM", () => {
  live.close();
  // Pages finish; event streams would last for ever, so they are cut and taken up again by the browser.
  server.close(() => process.exit(0));
  setTimeout(() => server.closeAllConnections(), 500);
});
