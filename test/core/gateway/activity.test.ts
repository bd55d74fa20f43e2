import { describe, expect, test } from "vitest";
import { createActivity, visitIntervalMs } from "../../../src/gateway/activity.ts";
import { fakeVisits } from "../../fakes/visits.ts";
import { preview } from "./sample.ts";

const start = Date.parse("2026-01-02T00:00:00Z");
const settled = () => new Promise((resolve) => setImmediate(resolve));
const iso = (time: number) => new Date(time).toISOString();

function watched() {
  const clock = { time: start };
  const visits = fakeVisits();
  const errors: unknown[] = [];
  const activity = createActivity({ visits, now: () => clock.time, onError: (error) => errors.push(error) });
  return { clock, visits, errors, activity };
}

describe("a preview that is used", () => {
  test("is written once in five minutes, however much it is used", async () => {
    const { clock, visits, activity } = watched();
    const shop = preview("12-shop");
    for (let n = 0; n < 1_000; n += 1) activity.begin(shop)();
    clock.time += visitIntervalMs - 1;
    activity.begin(shop)();
    expect(visits.asked).toEqual([{ name: "12-shop", at: iso(start) }]);
    clock.time += 1;
    activity.begin(shop)();
    expect(visits.asked.map(({ at }) => at)).toEqual([iso(start), iso(start + visitIntervalMs)]);
    activity.begin(preview("13-shop"))();
    expect(visits.asked).toHaveLength(3);
  });

  test("is not written again by a second gateway", () => {
    const { clock, visits, activity } = watched();
    activity.begin(preview("12-shop", { lastVisitAt: iso(start - 60_000) }))();
    expect(visits.asked).toEqual([]);
    clock.time += visitIntervalMs;
    activity.begin(preview("12-shop", { lastVisitAt: iso(start - 60_000) }))();
    expect(visits.asked).toHaveLength(1);
  });

  test("stays in use for as long as anything is open", () => {
    const { clock, visits, activity } = watched();
    const shop = preview("12-shop");
    const first = activity.begin(shop);
    const second = activity.begin(shop);
    const later = () => {
      clock.time += visitIntervalMs;
      activity.refresh();
      return visits.asked.length;
    };
    expect(later()).toBe(2);
    first();
    first();
    expect(later()).toBe(3);
    second();
    expect(later()).toBe(3);
  });
});

describe("a preview that sleeps", () => {
  const asleep = { since: iso(start - 1_000), because: "idle" as const, workloads: [] };

  test("is written at once for its first visitor, however lately it was visited, and not for those after", () => {
    const { clock, visits, activity } = watched();
    const status = { phase: "Asleep" as const, asleep, lastVisitAt: iso(start - 2_000) };
    activity.begin(preview("12-shop"))();
    clock.time += 10_000;
    const sleeping = preview("12-shop", {
      ...status,
      asleep: { ...asleep, since: iso(start + 5_000) },
    });
    activity.knock(sleeping);
    activity.knock(sleeping);
    expect(visits.asked.map(({ at }) => at)).toEqual([iso(start), iso(start + 10_000)]);
    activity.knock(preview("13-shop", { ...status, lastVisitAt: iso(start) }));
    expect(visits.asked).toHaveLength(2);
  });

  test("is visited after it fell asleep, whatever the clocks say", () => {
    const { visits, activity } = watched();
    activity.knock(preview("12-shop", { phase: "Asleep", asleep: { ...asleep, since: iso(start + 60_000) } }));
    expect(visits.asked).toEqual([{ name: "12-shop", at: iso(start + 60_001) }]);
  });
});

test("what could not be written is tried again with the next visit, and said once a minute", async () => {
  const { clock, visits, errors, activity } = watched();
  const shop = preview("12-shop");
  visits.failure = new Error("no answer");
  for (let n = 0; n < 3; n += 1) {
    activity.begin(shop)();
    await settled();
  }
  expect(errors).toEqual([visits.failure]);
  clock.time += 60_000;
  activity.begin(shop)();
  await settled();
  expect(errors).toHaveLength(2);
  visits.failure = undefined;
  activity.begin(shop)();
  await settled();
  expect(visits.asked).toEqual([{ name: "12-shop", at: iso(start + 60_000) }]);
});

test("only some are written at once, and the rest with their next visit", async () => {
  const shops = Array.from({ length: 20 }, (_, n) => preview(`${n}-shop`));
  const release = Promise.withResolvers<void>();
  let writing = 0;
  let most = 0;
  const written = new Set<string>();
  const activity = createActivity({
    visits: {
      async record({ name }) {
        writing += 1;
        most = Math.max(most, writing);
        await release.promise;
        writing -= 1;
        written.add(name);
      },
    },
    onError: () => undefined,
  });
  for (const shop of shops) activity.begin(shop)();
  release.resolve();
  await settled();
  expect(most).toBe(8);
  while (written.size < shops.length) {
    for (const shop of shops) activity.begin(shop)();
    await settled();
  }
  expect(most).toBe(8);
});
