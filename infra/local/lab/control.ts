import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import { join } from "node:path";
import type { LabPaths } from "./paths.ts";
import type { Supervisor } from "./supervisor.ts";

/** Takes orders for the running lab on a socket in its run folder, which only its owner may enter. */
export async function openControl(paths: LabPaths, supervisor: Supervisor, signal: AbortSignal): Promise<Server> {
  const server = createServer((incoming, response) => {
    const names = new URL(incoming.url ?? "/", "http://lab").pathname.split("/").filter(Boolean);
    const [order, name] = names;
    if (incoming.method !== "POST" || order !== "restart" || name === undefined) {
      response.writeHead(404).end();
      return;
    }
    restart(supervisor, name, signal).then(
      (restarted) => response.end(restarted.join("\n")),
      (error: unknown) => response.writeHead(500).end(String(error instanceof Error ? error.message : error)),
    );
  });
  server.listen(controlSocket(paths));
  await once(server, "listening");
  return server;
}

/** Asks the running lab to start a service anew, or all whose name begins so; returns their names. */
export async function askRestart(paths: LabPaths, name: string): Promise<string[]> {
  const asking = request({ socketPath: controlSocket(paths), method: "POST", path: `/restart/${name}` });
  asking.end();
  const [response] = await once(asking, "response");
  let text = "";
  for await (const chunk of response) text += String(chunk);
  if (response.statusCode !== 200) throw new Error(text);
  return text.split("\n");
}

async function restart(supervisor: Supervisor, name: string, signal: AbortSignal): Promise<string[]> {
  const chosen = supervisor.known().filter((known) => known === name || known.startsWith(`${name}-`));
  if (chosen.length === 0) throw new Error(`no service ${name}; there are ${supervisor.known().join(", ")}`);
  for (const each of chosen) await supervisor.restart(each, signal);
  return chosen;
}

function controlSocket(paths: LabPaths): string {
  return join(paths.run, "control.sock");
}
