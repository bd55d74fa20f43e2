import { expect, test } from "vitest";
import { dueAgain } from "../../../../src/pipeline/sweep/redeliver.ts";
import type { DeliveryAttempt } from "../../../../src/ports/deliveries.ts";

const now = new Date("2026-01-01T12:00:00Z");
let lastId = 0;
const attempt = (guid: string, minutesAgo: number, succeeded = false): DeliveryAttempt => ({
  id: String((lastId += 1)),
  guid,
  deliveredAt: new Date(now.getTime() - minutesAgo * 60_000),
  succeeded,
});
const due = (...attempts: DeliveryAttempt[]) => dueAgain(attempts.toReversed(), now).map(({ guid }) => guid);

test("what failed is asked for again at once, then after longer and longer, and at most three times", () => {
  expect(due(attempt("a", 0))).toEqual(["a"]);
  expect(due(attempt("a", 3), attempt("a", 1))).toEqual([]);
  expect(due(attempt("a", 3), attempt("a", 2))).toEqual(["a"]);
  expect(due(attempt("a", 20), attempt("a", 18), attempt("a", 9))).toEqual([]);
  expect(due(attempt("a", 20), attempt("a", 18), attempt("a", 10))).toEqual(["a"]);
  expect(due(attempt("a", 90), attempt("a", 80), attempt("a", 70), attempt("a", 60))).toEqual([]);
});

test("what arrived once is not asked for again, whatever happened before or after", () => {
  expect(due(attempt("a", 9), attempt("a", 8, true))).toEqual([]);
  expect(due(attempt("a", 9, true), attempt("a", 8))).toEqual([]);
});

test("the oldest come first, by their first attempt, and not all at once", () => {
  const [b, a] = [attempt("b", 9), attempt("a", 7)];
  expect(dueAgain([attempt("b", 5), a, b], now)).toEqual([b, a]);
  const many = Array.from({ length: 200 }, (_, index) => attempt(`g${index}`, 200 - index));
  const asked = due(...many);
  expect([asked.length, asked[0]]).toEqual([50, "g0"]);
});
