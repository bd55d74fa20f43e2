import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:net";
import type { Endpoint } from "../lab/endpoints.ts";
import { retryUntil } from "../lab/readiness.ts";
import type { Service } from "../lab/service.ts";
import { readIfThere, writeAtomically } from "./files.ts";

/** The file with the URL, password included, for whoever may read the lab's state. */
export function redisUrlFile(state: string): string {
  return join(state, "redis", "url");
}

async function redisUrl(state: string, listen: Endpoint): Promise<URL> {
  const existing = await readIfThere(redisUrlFile(state));
  const url = new URL(existing?.trim() ?? `redis://:${randomBytes(24).toString("base64url")}@127.0.0.1/0`);
  url.host = `${listen.host}:${listen.port}`;
  writeAtomically(redisUrlFile(state), `${url.href}\n`, 0o600);
  return url;
}

/** Redis' configuration: a queue in memory, that refuses rather than forgets when memory ends. */
function redisConfig(listen: Endpoint, password: string, dir: string): string {
  return [
    `bind ${listen.host}`,
    `port ${listen.port}`,
    `requirepass ${password}`,
    `dir ${dir}`,
    'save ""',
    "appendonly no",
    "maxmemory 256mb",
    "maxmemory-policy noeviction",
    "daemonize no",
    "",
  ].join("\n");
}

/** Whether Redis at this address takes the password. */
function answersPing(listen: Endpoint, password: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(listen.port, listen.host);
    let answer = "";
    socket.setTimeout(2000, () => socket.destroy(new Error("Redis does not answer.")));
    socket.once("connect", () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    socket.on("data", (chunk) => {
      answer += chunk.toString();
      if (!answer.includes("+PONG")) return;
      resolve();
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => {
      reject(new Error(`Redis answered ${JSON.stringify(answer)}.`));
    });
  });
}

/** Redis as a service on loopback, behind a password kept in the state. */
export async function redisService(options: { state: string; listen: Endpoint }): Promise<Service> {
  const dir = join(options.state, "redis");
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const { password } = await redisUrl(options.state, options.listen);
  const configFile = join(dir, "redis.conf");
  writeAtomically(configFile, redisConfig(options.listen, password, dir), 0o600);
  return {
    name: "redis",
    command: "redis-server",
    args: [configFile],
    readiness: (signal) => retryUntil(() => answersPing(options.listen, password), { seconds: 20, signal }),
  };
}
