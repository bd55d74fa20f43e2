import { afterEach, expect, test } from "vitest";
import { smallWorld } from "./small-world.ts";

const signal = new AbortController().signal;
let small: ReturnType<typeof smallWorld>;
afterEach(() => {
  small.checkouts.close();
});

test("an attempt says in the record that it has ended", async () => {
  small = smallWorld();
  const key = await small.github.open();
  await small.look(key);
  const { attempt, ended, overtakenAt } = (await small.record(key)).status;
  expect(attempt).toBe(1);
  expect(ended).toBe(attempt);
  expect(overtakenAt).toBeUndefined();
});

test("an attempt that fails for a while has ended all the same", async () => {
  small = smallWorld();
  const key = await small.github.open();
  small.github.interfere((method) => {
    if (method === "gitAccess") throw new TypeError("fetch failed");
  });
  await small.look(key).catch(() => undefined);
  const { attempt, ended } = (await small.record(key)).status;
  expect(ended).toBe(attempt);
});

test("whoever takes over from an attempt that has not ended notes when", async () => {
  small = smallWorld();
  const key = await small.github.open();
  await small.look(key);
  // Somebody has begun, and was stopped.
  await small.records.claim(await small.record(key), signal);
  const sha = await small.github.push(key);
  await small.look(key);
  const { deployedCommit, attempt, ended, overtakenAt } = (await small.record(key)).status;
  expect(deployedCommit).toBe(sha);
  expect(ended).toBe(attempt);
  expect(overtakenAt).toBe(small.clock.now().toISOString());
});
