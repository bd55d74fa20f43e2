import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Octokit } from "@octokit/rest";
import { z } from "zod";
import { webhookPath } from "../../../src/intake/server.ts";

const entry = fileURLToPath(new URL("../../../infra/local/github/main.ts", import.meta.url));
const readyLine = z.object({ url: z.string(), apiUrl: z.string(), appId: z.int(), privateKeyPath: z.string() });
const seeded = z.array(z.object({ id: z.int(), full_name: z.string() }));
const totals = z.array(z.object({ calls: z.int(), counted: z.int(), unchanged: z.int(), by: z.string() }));

/** The stand-in for GitHub in a process of its own, so that its memory and its work are not taken for ours. */
export type StandIn = z.infer<typeof readyLine> & {
  /** Folder of everything it knows. */
  folder: string;
  /** Makes repositories with open pull requests, of which no webhook tells. */
  plenty(repositories: number, pullRequests: number, prefix: string): Promise<{ id: number; full_name: string }[]>;
  /** Calls of the app since the last time it was asked. */
  calls(): Promise<{ calls: number; counted: number; unchanged: number }>;
  /** Whether the app's webhook refuses; else it takes everything. */
  setDown(down: boolean): void;
  stop(): Promise<void>;
};

/** `onWebhook` answers the app's webhooks; without it they are taken and nothing is done. */
export async function startStandIn(onWebhook: RequestListener = swallow): Promise<StandIn> {
  let isDown = false;
  const intake = createServer((request, response) => {
    if (!isDown) return onWebhook(request, response);
    request.resume();
    response.writeHead(503).end();
  }).listen(0, "127.0.0.1");
  await once(intake, "listening");
  const address = intake.address();
  if (address === null || typeof address === "string") throw new Error("the intake has no port");
  const folder = await mkdtemp(join(tmpdir(), "greenroom-bench-"));
  const webhookUrl = `http://127.0.0.1:${address.port}${webhookPath}`;
  const args = [entry, "--listen", "127.0.0.1:0", "--data", folder, "--webhook-url", webhookUrl];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line]: unknown[] = await once(createInterface(child.stdout), "line");
  const ready = readyLine.parse(JSON.parse(String(line)));
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await fetch(ready.url + path, init);
    if (!response.ok) throw new Error(`the stand-in answers ${response.status} to ${path}: ${await response.text()}`);
    return response.status === 204 ? undefined : await response.json();
  };
  return {
    ...ready,
    folder,
    async plenty(repositories, pullRequests, prefix) {
      const body = JSON.stringify({ repositories, pullRequests, prefix });
      return seeded.parse(await ask("/-/plenty", { method: "POST", body }));
    },
    async calls() {
      const all = totals.parse(await ask("/-/calls/totals")).filter(({ by }) => /^(app|installation)/.test(by));
      await ask("/-/calls", { method: "DELETE" });
      const sum = (of: "calls" | "counted" | "unchanged") => all.reduce((total, each) => total + each[of], 0);
      return { calls: sum("calls"), counted: sum("counted"), unchanged: sum("unchanged") };
    },
    setDown(down) {
      isDown = down;
    },
    async stop() {
      child.kill("SIGTERM");
      await once(child, "exit");
      intake.closeAllConnections();
      intake.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const swallow: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(202).end();
};

const credentials = z.object({
  webhookSecret: z.string(),
  users: z.array(z.object({ login: z.string(), token: z.string() })),
});
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** What the stand-in gives to whoever runs it. */
export function credentialsOf({ folder }: StandIn): z.infer<typeof credentials> {
  return credentials.parse(JSON.parse(readFileSync(join(folder, "credentials.json"), "utf8")));
}

/** GitHub as the person sees it whose repositories these are. */
export function maintainerOf(standIn: StandIn): Octokit {
  const token = credentialsOf(standIn).users.find(({ login }) => login === "maintainer")?.token;
  return new Octokit({ baseUrl: standIn.apiUrl, auth: token, log: silent });
}
