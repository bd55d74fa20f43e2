import { afterEach, expect, test } from "vitest";
import { type Occasion, publish } from "../../../src/pipeline/publish.ts";
import type { PreviewKey } from "../../../src/preview/key.ts";
import type { PreviewStatus } from "../../../src/preview/preview.ts";
import { smallWorld } from "./small-world.ts";

const signal = new AbortController().signal;

let small: ReturnType<typeof smallWorld>;
afterEach(() => {
  small.checkouts.close();
});

/** A preview that is ready, with its check. */
async function ready(): Promise<PreviewKey> {
  small = smallWorld();
  const key = await small.github.open();
  await small.look(key);
  return key;
}

/** Tells a state on some occasion as the pipeline does, and remembers what is to be remembered. */
async function tell(key: PreviewKey, status: PreviewStatus, occasion: Occasion): Promise<void> {
  const pr = await small.github.pullRequests.read(key, undefined, signal);
  if (pr === "gone") throw new Error("gone");
  const record = await small.records.report(await small.record(key), status, signal);
  await small.records.report(record, await publish(small.world, pr, record, occasion, signal), signal);
}

async function checks(key: PreviewKey, commit: string) {
  return (await small.github.checks(key, commit)).map(({ report }) => report.conclusion ?? report.status);
}

test("a push has its check as soon as work begins, and one that was overtaken is cancelled", async () => {
  const key = await ready();
  const first = await small.head(key);
  const second = await small.github.push(key);
  await tell(key, { phase: "Building" }, "working");
  expect([await checks(key, first), await checks(key, second)]).toEqual([["success"], ["in_progress"]]);
  const third = await small.github.push(key);
  await tell(key, { phase: "Building" }, "working");
  expect([await checks(key, second), await checks(key, third)]).toEqual([["cancelled"], ["in_progress"]]);
});

test("a check is told when work begins and when it has ended, not between", async () => {
  const key = await ready();
  const commit = await small.github.push(key);
  const told = () => small.github.calls.filter((call) => call === "check").length;
  const before = told();
  await tell(key, { phase: "Waiting" }, "working");
  expect(await checks(key, commit)).toEqual(["queued"]);
  for (const phase of ["Building", "Deploying", "Waiting", "Building"] as const) await tell(key, { phase }, "working");
  expect(await checks(key, commit)).toEqual(["in_progress"]);
  await tell(key, { phase: "Ready" }, "final");
  expect(await checks(key, commit)).toEqual(["success"]);
  expect(told() - before).toBe(3);
});

test("where the pull request is closed while work goes on, its check is cancelled; one that had ended stays", async () => {
  const key = await ready();
  const first = await small.head(key);
  const commit = await small.github.push(key);
  await tell(key, { phase: "Building" }, "working");
  await small.github.close(key);
  await small.look(key);
  expect([await checks(key, first), await checks(key, commit)]).toEqual([["success"], ["cancelled"]]);
  const other = await small.github.open();
  await small.look(other);
  await small.github.close(other);
  await small.look(other);
  expect(await checks(other, await small.head(other))).toEqual(["success"]);
});

test("a commit that is ready knows the one that was ready before, and GitHub shows one active deployment", async () => {
  const key = await ready();
  const first = await small.head(key);
  expect((await small.record(key)).status.previousCommit).toBeUndefined();
  const second = await small.github.push(key);
  await small.look(key);
  expect((await small.record(key)).status.previousCommit).toBe(first);
  expect(await small.comment(key)).toContain(`/compare/${first}...${second}`);
  const shown = (await small.github.deployments(key, `preview/pr-${key.number}`)).map(({ commit, state }) => [
    commit,
    state,
  ]);
  expect(new Map(shown.map(([commit = "", state = ""]) => [commit, state]))).toEqual(
    new Map([
      [first, "inactive"],
      [second, "success"],
    ]),
  );
});
