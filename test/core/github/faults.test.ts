import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DeliveryFacts, Faults, type RequestFacts } from "../../../infra/local/github/faults/faults.ts";
import { pathPattern } from "../../../infra/local/github/faults/pattern.ts";
import { type FaultRule, faultRule } from "../../../infra/local/github/faults/rule.ts";

const request: RequestFacts = {
  surface: "rest",
  method: "PATCH",
  path: "/repos/maintainer/shop/issues/comments/7",
  by: "installation",
  isAbout: (name) => name === "maintainer/shop",
};
const delivery: DeliveryFacts = {
  event: "pull_request",
  action: "closed",
  redelivery: false,
  isAbout: (name) => name === "maintainer/shop",
};

const ruleOf = (rule: unknown): FaultRule => faultRule.parse(rule);

/** Which of so many requests in a row a rule strikes, from 1. */
function struck(when: unknown, requests = 10): number[] {
  const faults = new Faults();
  faults.add(ruleOf({ on: "request", when, effect: { do: "drop" } }));
  return Array.from({ length: requests }, (_, index) => index + 1).filter(
    () => faults.strikeRequest(request).length > 0,
  );
}

describe("how often a rule strikes", () => {
  test.each([
    [{}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [{ next: 2 }, [1, 2]],
    [{ next: 2, skip: 3 }, [4, 5]],
    [{ every: 4 }, [4, 8]],
    [{ every: 2, skip: 5 }, [7, 9]],
    [{ probability: 0, seed: 1 }, []],
    [{ probability: 1, seed: 1 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  ])("%j", (when, expected) => {
    expect(struck(when)).toEqual(expected);
  });

  test("chance is the same for the same seed, and about as often as it says", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 8 }), (seed, tenths) => {
        const probability = tenths / 10;
        const once = struck({ probability, seed }, 2000);
        expect(struck({ probability, seed }, 2000)).toEqual(once);
        expect(Math.abs(once.length / 2000 - probability)).toBeLessThan(0.1);
      }),
      { numRuns: 50 },
    );
  });
});

describe("what a rule fits", () => {
  test.each([
    [{}, true],
    [{ surface: "rest", method: "PATCH", by: "installation", repository: "maintainer/shop" }, true],
    [{ surface: "graphql" }, false],
    [{ method: "POST" }, false],
    [{ by: "user" }, false],
    [{ repository: "maintainer/other" }, false],
    [{ path: "/repos/*/*/issues/comments/*" }, true],
    [{ path: "/repos/**" }, true],
    [{ path: "/repos/*" }, false],
  ])("request %j: %s", (match, fits) => {
    const faults = new Faults();
    faults.add(ruleOf({ on: "request", match, effect: { do: "hang" } }));
    expect(faults.strikeRequest(request)).toHaveLength(fits ? 1 : 0);
  });

  test.each([
    [{ event: "pull_request", action: "closed", repository: "maintainer/shop", redelivery: false }, true],
    [{ event: "check_run" }, false],
    [{ action: "opened" }, false],
    [{ repository: "maintainer/other" }, false],
    [{ redelivery: true }, false],
  ])("delivery %j: %s", (match, fits) => {
    const faults = new Faults();
    faults.add(ruleOf({ on: "webhook", match, effect: { do: "drop" } }));
    expect(faults.strikeDelivery(delivery)).toHaveLength(fits ? 1 : 0);
  });

  test("in a path pattern everything but the asterisk means itself", () => {
    expect(pathPattern("/a.b/(c)")("/a.b/(c)")).toBe(true);
    expect(pathPattern("/a.b")("/aXb")).toBe(false);
    expect(pathPattern("/a/**/d")("/a/b/c/d")).toBe(true);
  });
});

test("delays add up, and nothing comes after what ends a request", () => {
  const faults = new Faults();
  const delay = { on: "request", effect: { do: "delay", milliseconds: 5 } };
  for (const rule of [delay, delay, { on: "request", effect: { do: "drop" } }, delay]) faults.add(ruleOf(rule));
  expect(faults.strikeRequest(request).map(({ faultId }) => faultId)).toEqual([1, 2, 3]);
  expect(faults.list().map(({ seen }) => seen)).toEqual([1, 1, 1, 0]);
});

test("a rule that is taken away strikes nobody any more, and who asked is told", () => {
  const faults = new Faults();
  const told: (readonly number[])[] = [];
  faults.onRemoved((ids) => told.push(ids));
  for (const on of ["request", "webhook"]) faults.add(ruleOf({ on, effect: { do: "drop" } }));
  expect([faults.remove(1), faults.remove(1)]).toEqual([true, false]);
  expect(faults.strikeRequest(request)).toEqual([]);
  faults.clear();
  expect(faults.strikeDelivery(delivery)).toEqual([]);
  expect(told).toEqual([[1], [], [2]]);
});

test.each([
  ["an unknown field", { on: "request", effect: { do: "drop" }, colour: "blue" }, /colour/],
  ["an unknown field of an effect", { on: "request", effect: { do: "drop", after: true } }, /after/],
  ["an unknown effect", { on: "webhook", effect: { do: "explode" } }, /effect/],
  ["a request's effect on a webhook", { on: "webhook", effect: { do: "hang" } }, /effect/],
  ["two ways of counting", { on: "request", when: { next: 1, every: 2 }, effect: { do: "drop" } }, /only one/],
  ["chance without a seed", { on: "request", when: { probability: 0.5 }, effect: { do: "drop" } }, /go together/],
  ["half a name", { on: "webhook", match: { repository: "shop" }, effect: { do: "drop" } }, /owner\/name/],
  ["a status that is no failure", { on: "request", effect: { do: "fail", status: 404 } }, /status/],
])("%s is refused, and it is said why", (_, rule, reason) => {
  const parsed = faultRule.safeParse(rule);
  expect(parsed.error?.message ?? "accepted").toMatch(reason);
});
