import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { createDeliveries } from "../../src/adapters/github/deliveries.ts";
import { roomyBudget } from "../fakes/call-budget.ts";
import { startWorld, type World } from "../integration/github/world.ts";
import { type DeliveriesHarness, deliveriesContract } from "./deliveries.contract.ts";

const place = { owner: "maintainer", repo: "shop-1" };

async function start(): Promise<DeliveriesHarness & { world: World }> {
  const world = await startWorld();
  const { hub, receiver } = world;
  const seed = { repositories: 1, pullRequests: 1, prefix: "shop" };
  const seeded = await fetch(`${hub.url}/-/plenty`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(seed),
  });
  expect(seeded.status).toBe(201);
  const maintainer = world.as("maintainer");
  await hub.settled();
  const before = receiver.received.length;
  const deliveries = createDeliveries({
    appId: hub.appId,
    privateKey: readFileSync(hub.privateKeyPath, "utf8"),
    apiUrl: hub.apiUrl,
    budget: roomyBudget(),
    pageSize: 2,
  });
  return {
    world,
    deliveries,
    async happen() {
      await maintainer.rest.issues.createComment({ ...place, issue_number: 1, body: "Hello" });
      await hub.settled();
    },
    accept: (accepts) => {
      receiver.status = accepts ? 202 : 503;
    },
    told: () => receiver.received.length - before,
    settled: () => hub.settled(),
    now: () => new Date(),
    dispose: () => world.close(),
  };
}

deliveriesContract("on GitHub", start);

const closing: DeliveriesHarness[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) await each.dispose();
});

test("while nothing new was delivered, asking costs no call that counts", async () => {
  const harness = await start();
  closing.push(harness);
  const { deliveries, world, happen } = harness;
  const never = new AbortController().signal;
  harness.accept(false);
  for (let n = 0; n < 3; n += 1) await happen();
  const first = await deliveries.troubled(new Date(0), never);
  const before = world.hub.calls().length;
  expect(await deliveries.troubled(new Date(0), never)).toEqual(first);
  expect(
    world.hub
      .calls()
      .slice(before)
      .map(({ status, counted }) => ({ status, counted })),
  ).toEqual([{ status: 304, counted: false }]);
});
