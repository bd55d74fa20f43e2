import { afterEach, expect, test } from "vitest";
import { FailureError } from "../../../src/preview/failure.ts";
import { smallWorld } from "./small-world.ts";

let small: ReturnType<typeof smallWorld>;
afterEach(() => small.checkouts.close());

const spent = new FailureError({
  kind: "transient",
  code: "github-writes-spent",
  what: "As much was written as GitHub takes.",
  remedy: "It is told later.",
  retryAfterSeconds: 40,
});

const writes = () => small.github.calls.filter((call) => ["comment", "check", "deployment"].includes(call)).toSorted();

test("where little may be written, only how it ended is told", async () => {
  let low = true;
  small = smallWorld({ budget: { isLow: async () => low } });
  const key = await small.github.open();
  await small.look(key);
  expect(writes()).toEqual(["check", "comment", "deployment"]);
  expect(await small.comment(key)).toContain("ready");

  low = false;
  await small.github.push(key);
  await small.look(key);
  expect(writes().length).toBeGreaterThan(6);
});

test("a look that there is no room to tell of is told later, and does nothing twice", async () => {
  small = smallWorld();
  const key = await small.github.open();
  let full = true;
  small.github.interfere((method) => {
    if (full && method === "deployment") throw spent;
  });
  await expect(small.look(key)).rejects.toBe(spent);
  expect((await small.record(key)).status).toMatchObject({ phase: "Ready", check: expect.any(Number) });
  full = false;
  const worked = small.github.calls.length;
  await small.look(key);
  expect(small.github.calls.slice(worked)).not.toContain("gitAccess");
  const { status } = await small.record(key);
  expect(status).toMatchObject({ phase: "Ready", attempt: expect.any(Number), deployment: expect.any(Number) });
  expect(await small.github.checks(key, await small.head(key))).toHaveLength(1);
  expect(small.builder.requests).toHaveLength(1);
});

test("a check that was begun is known, even where the comment beside it could not be written", async () => {
  small = smallWorld();
  const key = await small.github.open();
  let full = true;
  small.github.interfere((method) => {
    if (full && method === "comment") throw spent;
  });
  await expect(small.look(key)).rejects.toBe(spent);
  full = false;
  await small.look(key);
  expect(await small.comment(key)).toContain("ready");
  expect(await small.github.checks(key, await small.head(key))).toHaveLength(1);
});
