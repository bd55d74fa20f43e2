import { parseArgs } from "node:util";
import { startGitHub } from "./github.ts";
import { mountPages } from "./pages/mount.ts";

/** Runs the stand-in until it is told to stop: one line of JSON says that it is ready, and where. */
const { values } = parseArgs({
  options: {
    listen: { type: "string", default: "127.0.0.1:4000" },
    data: { type: "string" },
    "webhook-url": { type: "string" },
    board: { type: "string" },
  },
});
const { data, "webhook-url": webhookUrl, listen, board: boardFile } = values;
if (data === undefined || webhookUrl === undefined) {
  console.error("usage: main.ts --listen HOST:PORT --data DIR --webhook-url URL [--board FILE]");
  process.exit(2);
}

const running = await startGitHub({
  dataDir: data,
  listen,
  webhookUrl,
  pages: (app, { github }) => mountPages(app, { github, boardFile }),
});
const { url, apiUrl, appId, privateKeyPath } = running;
console.log(JSON.stringify({ ready: true, url, apiUrl, appId, privateKeyPath }));

const stop = (): void => {
  void running.close().then(() => process.exit(0));
};
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
