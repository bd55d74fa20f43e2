import { parseArgs } from "node:util";
import { createGate } from "./gate.ts";

/** Runs the registry's gate until it is told to stop. */
const { values } = parseArgs({
  options: { listen: { type: "string" }, socket: { type: "string" }, writer: { type: "string" } },
});
const { listen, socket, writer } = values;
if (listen === undefined || socket === undefined || writer === undefined) {
  console.error("usage: main.ts --listen HOST:PORT --socket FILE --writer ACCOUNT");
  process.exit(64);
}
const { hostname, port } = new URL(`http://${listen}`);
createGate({ socket, writer }).listen(Number(port || 80), hostname);
