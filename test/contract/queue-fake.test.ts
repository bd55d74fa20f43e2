import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Clock } from "../../src/ports/clock.ts";
import { FailureError } from "../../src/preview/failure.ts";
import { fakeClock } from "../fakes/clock.ts";
import { createFakeQueue } from "../fakes/queue.ts";
import { queueContract } from "./queue.contract.ts";

const realTime: Clock = {
  now: () => new Date(),
  wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

queueContract("in memory", () => {
  const queue = createFakeQueue({ clock: realTime });
  return Promise.resolve({ open: () => queue, dispose: () => Promise.resolve(queue.flush()) });
});

test("the queue in memory waits by the clock it is given, which may be moved by hand", async () => {
  const clock = fakeClock();
  const queue = createFakeQueue({ clock });
  const runs: string[] = [];
  const failure = { kind: "transient", code: "x", what: "x", remedy: "x", retryAfterSeconds: 600 } as const;
  const stop = await queue.consume(
    () => {
      runs.push(clock.now().toISOString());
      return runs.length < 3 ? Promise.reject(new FailureError(failure)) : Promise.resolve();
    },
    () => false,
  );
  await queue.enqueue({ installation: 7, repository: { id: 42, nodeId: "R_42" }, number: 1 }, "change");
  await clock.advance(599_000);
  expect([runs.length, clock.nextDue(), queue.pending()]).toEqual([1, 1_000, ["42/1"]]);
  // A corrected wall clock ends no wait before its time.
  clock.jump(3_600_000);
  await clock.advance(601_000);
  expect(runs).toEqual(["2026-01-01T00:00:00.000Z", "2026-01-01T01:10:00.000Z", "2026-01-01T01:20:00.000Z"]);
  expect([queue.pending(), queue.active(), clock.nextDue()]).toEqual([[], [], undefined]);
  await stop();
});

test("the queue in memory has another look after a transient failure of whoever lost the job", async () => {
  const queue = createFakeQueue({ clock: fakeClock() });
  const first = Promise.withResolvers<void>();
  let runs = 0;
  const stop = await queue.consume(
    () => {
      runs += 1;
      return runs > 1 ? Promise.resolve() : first.promise;
    },
    () => false,
  );
  await queue.enqueue({ installation: 7, repository: { id: 42, nodeId: "R_42" }, number: 1 }, "change");
  queue.flush();
  first.reject(new FailureError({ kind: "transient", code: "x", what: "x", remedy: "x" }));
  await sleep(0);
  expect([runs, queue.pending()]).toEqual([2, []]);
  await stop();
});
