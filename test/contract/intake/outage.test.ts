import { createHmac, generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createBullmqQueue } from "../../../src/adapters/bullmq/queue.ts";
import { fakePresses } from "../../fakes/presses.ts";
import { startApp } from "../../../src/intake/app.ts";
import { createReceive } from "../../../src/intake/receive.ts";
import { closeServer, createIntakeServer } from "../../../src/intake/server.ts";
import { type RedisServer, startRedis } from "../queue-redis-server.ts";
import { startTcpProxy, type TcpProxy } from "../tcp-proxy.ts";

const secret = "a secret of the test";
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

let redis: RedisServer;
let proxy: TcpProxy;
let url: string;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  redis = await startRedis();
  proxy = await startTcpProxy(redis.port);
  closing.push(
    () => redis.stop(),
    () => proxy.close(),
  );
  const prefix = `{${randomUUID()}}`;
  const queue = createBullmqQueue({
    url: `redis://127.0.0.1:${proxy.port}`,
    prefix,
    onError: () => undefined,
  });
  closing.push(() => queue.close());
  const dispatch = await startApp(
    queue,
    {
      appId: 1,
      privateKey: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
      secret,
      apiUrl: "http://127.0.0.1:9",
      log: pino({ level: "silent" }),
    },
    { commands: queue, presses: fakePresses() },
  );
  const server = createIntakeServer({
    receive: createReceive({ secrets: [secret], dispatch }),
    isReady: () => queue.isReady(),
    onError: () => undefined,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => closeServer(server, 100));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the intake has no port");
  url = `http://127.0.0.1:${address.port}`;
});

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Delivers as GitHub does: until the answer is there in full. */
async function deliver(number = 5): Promise<{ status: number; ms: number }> {
  const body = JSON.stringify({
    action: "synchronize",
    installation: { id: 7 },
    repository: { id: 99, node_id: "R_99" },
    pull_request: { number, head: { sha: "a".repeat(40) } },
  });
  const started = performance.now();
  const response = await fetch(`${url}/webhooks/github`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": "pull_request",
      "x-github-delivery": randomUUID(),
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    },
  });
  await response.text();
  return { status: response.status, ms: performance.now() - started };
}

/** Until Redis is back: GitHub's own next try would come much later. */
async function recovered(): Promise<void> {
  const deadline = performance.now() + 20_000;
  while ((await fetch(`${url}/readyz`)).status !== 200) {
    if (performance.now() > deadline) throw new Error("the intake did not find Redis again");
  }
  expect((await deliver()).status).toBe(202);
}

const outages: [string, { begin(): unknown; end(): unknown }][] = [
  ["stopped", { begin: () => redis.stop(), end: () => redis.start() }],
  ["frozen", { begin: () => redis.freeze(), end: () => redis.thaw() }],
  ["behind a connection that swallows everything", { begin: () => proxy.swallow(), end: () => proxy.letThrough() }],
];

test.each(outages)(
  "where Redis is %s, every delivery is answered 503 within 3 s, and 202 afterwards",
  async (_, outage) => {
    expect((await deliver()).status).toBe(202);
    await outage.begin();
    const together = await Promise.all(Array.from({ length: 20 }, (__, number) => deliver(number + 1)));
    const later = await deliver();
    await outage.end();
    for (const answer of [...together, later]) {
      expect(answer.status).toBe(503);
      expect(answer.ms).toBeLessThan(3_500);
    }
    await recovered();
  },
);
