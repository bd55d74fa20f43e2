import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createBullmqPresses } from "../../src/adapters/bullmq/presses.ts";
import type { Press, Presses } from "../../src/ports/presses.ts";
import { FailureError } from "../../src/preview/failure.ts";
import { type RedisServer, startRedis } from "./queue-redis-server.ts";

let redis: RedisServer;
let prefix: string;
let presses: Presses;
let errors: Error[];
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  prefix = `{${randomUUID()}}`;
  errors = [];
  presses = open();
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function open(): Presses {
  const opened = createBullmqPresses({ url: redis.url, prefix, onError: (error) => errors.push(error) });
  closing.push(() => opened.close());
  return opened;
}

function pressed(id: string): Press {
  const key = { installation: 7, repository: { id: 42, nodeId: "R_42" }, number: 12 };
  return { id, key, button: "approve", commit: "a".repeat(40), login: "maintainer" };
}

/** Collects presses until the marker, which went in last, has been through. */
async function consumed(marker: string, work: (press: Press) => Promise<void> = async () => undefined) {
  const handled: Press[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = await presses.consume(async (press) => {
    handled.push(press);
    if (press.id === marker) resolve();
    else await work(press);
  });
  closing.push(stop);
  return { handled, marker: promise, stop };
}

test("a press is handed over as it was, and once however often it is delivered", async () => {
  for (const id of ["one", "one", "two"]) await presses.add(pressed(id));
  await presses.add(pressed("end"));
  const { handled, marker } = await consumed("end");
  await marker;
  expect(handled).toEqual([pressed("one"), pressed("two"), pressed("end")]);
});

test("a transient failure brings it back, any other one does not", async () => {
  const tries: string[] = [];
  const again = Promise.withResolvers<void>();
  const { handled } = await consumed("end", async ({ id }) => {
    tries.push(id);
    if (id === "bad") throw new Error("a bug");
    if (tries.filter((each) => each === id).length === 2) return again.resolve();
    throw new FailureError({ kind: "transient", code: "x", what: "x", remedy: "x" });
  });
  await presses.add(pressed("bad"));
  await presses.add(pressed("good"));
  await again.promise;
  expect(handled.map(({ id }) => id)).toEqual(["bad", "good", "good"]);
  expect(errors.map(({ message }) => message)).toEqual(["a bug"]);
});

test("what runs when the consumer stops is handed to another one", async () => {
  const begun = Promise.withResolvers<void>();
  const stop = await presses.consume(async (_, signal) => {
    begun.resolve();
    await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
  });
  await presses.add(pressed("one"));
  await begun.promise;
  await stop();
  await presses.add(pressed("end"));
  const { handled, marker } = await consumed("end");
  await marker;
  expect(handled.map(({ id }) => id).toSorted()).toEqual(["end", "one"]);
  expect(errors).toEqual([]);
});
