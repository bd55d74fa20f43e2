import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { faultRule } from "../../../infra/local/github/faults/rule.ts";
import { type Clone, shop, startWorld, type World } from "./world.ts";

let world: World;
let clone: Clone;
const repository = { owner: "maintainer", repo: "shop" };
const pull = { ...repository, pull_number: 1 };

beforeEach(async () => {
  world = await startWorld();
  clone = await shop(world);
  await clone.commit("blue", { "page.html": "blue\n" });
  await clone.git("push", "--quiet", "origin", "blue");
  await world.hub.settled();
  world.receiver.received.length = 0;
});

afterEach(() => world.close());

async function fault(rule: object): Promise<void> {
  const body = JSON.stringify({ on: "webhook", ...rule });
  expect((await fetch(`${world.hub.url}/-/faults`, { method: "POST", body })).status).toBe(201);
}

async function open(): Promise<void> {
  await world.as("author").rest.pulls.create({ ...repository, title: "Blue", head: "blue", base: "main" });
}

const change = (title: string) => world.as("author").rest.pulls.update({ ...pull, title });
const arrived = (): string[] => world.receiver.received.map(({ payload }) => payload.action);
const struck = (): number[] => world.hub.faults.list().map((each) => each.struck);

async function deliveries() {
  const { data } = await world.app.rest.apps.listWebhookDeliveries();
  return data.toReversed().filter(({ event }) => event === "pull_request");
}

test("a dropped one reaches nobody, is recorded as failed, and comes when asked for again", async () => {
  await fault({ match: { action: "opened", redelivery: false }, effect: { do: "drop" } });
  await open();
  await world.hub.settled();
  expect(arrived()).toEqual([]);
  const [lost] = await deliveries();
  expect(lost).toMatchObject({ action: "opened", status_code: 502, redelivery: false });
  await world.app.rest.apps.redeliverWebhookDelivery({ delivery_id: lost?.id ?? 0 });
  await world.hub.settled();
  expect(arrived()).toEqual(["opened"]);
  expect(await deliveries()).toMatchObject([
    { guid: lost?.guid, status_code: 502 },
    { guid: lost?.guid, status_code: 202, redelivery: true },
  ]);
});

test("a duplicated one comes again and again under one guid", async () => {
  await fault({ match: { event: "pull_request" }, when: { next: 1 }, effect: { do: "duplicate", times: 4 } });
  await open();
  await change("Bluer");
  await world.hub.settled();
  expect(arrived().filter((action) => action === "opened")).toHaveLength(5);
  expect(arrived().filter((action) => action === "edited")).toHaveLength(1);
  const guids = world.receiver.received
    .filter(({ payload }) => payload.action === "opened")
    .map(({ headers }) => headers["x-github-delivery"]);
  expect(new Set(guids).size).toBe(1);
  expect(new Set((await deliveries()).map(({ id }) => id)).size).toBe(6);
});

describe("one that is held back", () => {
  test("comes after the next", async () => {
    await fault({ match: { action: "opened" }, effect: { do: "hold" } });
    await open();
    await world.hub.settled();
    expect(arrived()).toEqual([]);
    await change("Bluer");
    await world.receiver.next("pull_request", "opened");
    expect(arrived()).toEqual(["edited", "opened"]);
  });

  test("waits for as many, and for such, as were named, in its own repository", async () => {
    const until = { event: "pull_request", action: "edited" };
    await fault({ match: { action: "opened" }, effect: { do: "hold", deliveries: 2, until } });
    await open();
    await world.as("author").rest.issues.createComment({ ...repository, issue_number: 1, body: "Hello" });
    await shop(world, "other");
    await change("Bluer");
    await world.hub.settled();
    expect(arrived()).not.toContain("opened");
    await change("Bluest");
    await world.receiver.next("pull_request", "opened");
    expect(arrived().filter((action) => action === "edited")).toHaveLength(2);
    expect(arrived().at(-1)).toBe("opened");
  });

  test("comes at once when its rule is taken away", async () => {
    await fault({ match: { action: "opened" }, effect: { do: "hold", deliveries: 9 } });
    await open();
    await world.hub.settled();
    expect([arrived(), struck()]).toEqual([[], [1]]);
    await fetch(`${world.hub.url}/-/faults`, { method: "DELETE" });
    await world.receiver.next("pull_request", "opened");
  });

  test("is a failed delivery when the stand-in stops first", async () => {
    await fault({ match: { action: "opened" }, effect: { do: "hold" } });
    await open();
    await world.restart();
    expect(await deliveries()).toMatchObject([{ action: "opened", status_code: 502 }]);
  });
});

test("a delayed one comes after what was sent later", async () => {
  await fault({ match: { action: "opened" }, effect: { do: "delay", milliseconds: 400 } });
  await open();
  await change("Bluer");
  await world.hub.settled();
  expect(arrived()).toEqual(["edited", "opened"]);
});

test("a rule may be for one repository", async () => {
  world.hub.faults.add(
    faultRule.parse({ on: "webhook", match: { repository: "maintainer/other" }, effect: { do: "drop" } }),
  );
  await open();
  await world.receiver.next("pull_request", "opened");
  expect(struck()).toEqual([0]);
});

test("deliveries are remembered for three days, and a cursor is GitHub's own", async () => {
  let now = new Date();
  await world.restart({ now: () => now });
  await open();
  await world.hub.settled();
  const [delivery] = await deliveries();
  if (delivery === undefined) throw new Error("nothing was delivered");
  const foreign = world.app.rest.apps.listWebhookDeliveries({ cursor: "17" });
  await expect(foreign).rejects.toMatchObject({ status: 400 });
  const headers = { authorization: `token ${world.tokenOf("maintainer")}` };
  expect((await fetch(`${world.hub.apiUrl}/app/hook/deliveries`, { headers })).status).toBe(401);
  now = new Date(now.getTime() + 3 * 24 * 3_600_000 + 60_000);
  expect(world.hub.github.webhooks.deliveries.list()).toEqual([]);
  expect(world.hub.github.webhooks.redeliver(delivery.id)).toBe(false);
});
