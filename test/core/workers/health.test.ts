import { afterEach, describe, expect, test } from "vitest";
import type { PodNews, PodsLook } from "../../../src/ports/health.ts";
import type { Preview, PreviewStatus } from "../../../src/preview/preview.ts";
import { startHealth } from "../../../workers/health.ts";
import { fakeClock } from "../../fakes/clock.ts";
import { preview } from "../gateway/sample.ts";

const since = "2026-01-02T00:00:00.000Z";
const asleep = { since, because: "idle" as const, workloads: [] };
const sleeping: Partial<PreviewStatus> = { phase: "Asleep", asleep };
const called: Partial<PreviewStatus> = { ...sleeping, lastVisitAt: "2026-01-02T00:00:00.001Z" };

const well: Looks = { "12-shop": "well", "13-shop": "well" };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

type Looks = Record<string, PodsLook>;

/** Records that change, pods of which there is news, a clock, and a queue that notes what it is asked for. */
async function watched(first: Preview[], pods: Looks = {}) {
  let records = first;
  let looks = pods;
  let listener: (() => void) | undefined;
  const asked: string[] = [];
  const queue = { failing: false };
  const clock = fakeClock();
  const told: (PodNews | Error)[] = [{ changed: new Set(), looks: new Map(Object.entries(looks)) }];
  let wake: (() => void) | undefined;
  const stop = await startHealth({
    health: {
      async *news(signal) {
        signal.addEventListener("abort", () => wake?.(), { once: true });
        while (!signal.aborted) {
          const next = told.shift();
          if (next instanceof Error) throw next;
          if (next !== undefined) yield next;
          else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      },
    },
    records: {
      list: async () => records,
      subscribe: (each) => {
        listener = each;
        return () => undefined;
      },
    },
    queue: {
      async enqueue({ number, installation }, cause) {
        if (queue.failing) throw new Error("no store");
        asked.push(`${installation}/${number} ${cause}`);
      },
    },
    clock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  stops.push(stop);
  await settled();
  return {
    asked,
    queue,
    clock,
    change: async (...now: Preview[]) => {
      records = now;
      listener?.();
      await settled();
    },
    /** The watch of the pods ends with an error. */
    lose: async () => {
      told.push(new Error("forbidden"));
      wake?.();
      await settled();
    },
    /** A pod of the preview changes, and its pods look like that now. */
    podsOf: async (name: string, look: PodsLook | "gone") => {
      const { [name]: _, ...others } = looks;
      looks = look === "gone" ? others : { ...others, [name]: look };
      told.push({ changed: new Set([name]), looks: new Map(Object.entries(looks)) });
      wake?.();
      await settled();
    },
  };
}

describe("a preview that sleeps", () => {
  test("is looked at once when somebody visits it", async () => {
    const { asked, change } = await watched([preview("12-shop", sleeping)], well);
    expect(asked).toEqual([]);
    await change(preview("12-shop", called));
    expect(asked).toEqual(["7/12 check"]);
    await change(preview("12-shop", { ...called, attempt: 2 }));
    expect(asked).toHaveLength(1);
    await change(preview("12-shop", { phase: "Ready" }));
    const later = { ...asleep, since: "2026-01-03T00:00:00.000Z" };
    await change(preview("12-shop", { ...called, asleep: later }));
    expect(asked).toHaveLength(1);
    await change(preview("12-shop", { ...called, asleep: later, lastVisitAt: "2026-01-03T10:00:00Z" }));
    expect(asked).toHaveLength(2);
  });

  test("that was visited while no worker was there is looked at from the start", async () => {
    const { asked } = await watched([preview("12-shop", called)]);
    expect(asked).toEqual(["7/12 check"]);
  });

  test("is asked for again where the queue did not take it", async () => {
    const { asked, change, queue } = await watched([preview("12-shop", sleeping)], well);
    queue.failing = true;
    await change(preview("12-shop", called));
    queue.failing = false;
    await change(preview("12-shop", { ...called, attempt: 2 }));
    expect(asked).toEqual(["7/12 check"]);
  });
});

test("a record that somebody deletes is looked at once, and a new one of its name again", async () => {
  const { asked, change } = await watched([preview("12-shop")], well);
  await change({ ...preview("12-shop"), deleting: true });
  await change({ ...preview("12-shop", { attempt: 2 }), deleting: true });
  expect(asked).toHaveLength(1);
  await change();
  await change({ ...preview("12-shop"), deleting: true });
  expect(asked).toHaveLength(2);
});

const wanting = (want: "running" | "asleep" | "stopped", status: Partial<PreviewStatus> = {}) => {
  const shop = preview("12-shop", status);
  return { ...shop, spec: { ...shop.spec, want } };
};

test("a record in which somebody asks for something else is looked at, and one that is merely new is not", async () => {
  const { asked, change, queue } = await watched([preview("12-shop")], well);
  expect(asked).toEqual([]);
  await change(wanting("asleep"), preview("13-shop"));
  await change(wanting("asleep", sleeping), preview("13-shop"));
  expect(asked).toEqual(["7/12 check"]);
  queue.failing = true;
  await change(wanting("stopped", sleeping));
  queue.failing = false;
  await change(wanting("stopped", { ...sleeping, attempt: 3 }));
  await change(wanting("stopped", { phase: "Held" }));
  expect(asked).toHaveLength(2);
});

describe("a preview's pods", () => {
  test("are looked at when one of them changes", async () => {
    const { asked, podsOf } = await watched([preview("12-shop")], well);
    await podsOf("12-shop", "well");
    await podsOf("13-shop", "ill");
    expect(asked).toEqual(["7/12 check"]);
  });

  test("that change while somebody works on it are looked at when that has ended, once", async () => {
    const { asked, change, podsOf } = await watched([preview("12-shop", { phase: "Deploying" })], {});
    await podsOf("12-shop", "ill");
    await podsOf("12-shop", "well");
    await change(preview("12-shop", { phase: "Deploying", attempt: 2 }));
    expect(asked).toEqual([]);
    await change(preview("12-shop"));
    await change(preview("12-shop", { reported: "hash" }));
    expect(asked).toEqual(["7/12 check"]);
  });

  test("are looked at from the start only where they are not what the record says", async () => {
    const { asked } = await watched(
      [preview("12-shop"), preview("13-shop"), preview("14-shop"), preview("15-shop", { phase: "Failing" })],
      { "12-shop": "well", "13-shop": "ill", "15-shop": "ill" },
    );
    expect(asked).toEqual(["7/12 check", "7/12 check"]);
  });

  test("are looked at again, ever more rarely, for as long as they are not what the record says", async () => {
    const { asked, clock, change } = await watched([preview("12-shop", { phase: "Failing" })], well);
    const minutes: number[] = [];
    for (let minute = 1; minute <= 600; minute += 1) {
      const before = asked.length;
      await clock.advance(60_000);
      if (asked.length > before) minutes.push(minute);
    }
    expect(minutes).toEqual([2, 4, 8, 17, 34, 69, 129, 189, 249, 309, 369, 429, 489, 549]);
    await change(preview("12-shop"));
    const before = asked.length;
    await clock.advance(3_600_000);
    expect(asked).toHaveLength(before);
  });

  test("are looked at as soon as the queue takes it", async () => {
    const { asked, clock, queue, podsOf } = await watched([preview("12-shop")], well);
    queue.failing = true;
    await podsOf("12-shop", "well");
    await clock.advance(20_000);
    queue.failing = false;
    await clock.advance(5_000);
    expect(asked).toEqual(["7/12 check"]);
  });

  test("are watched again after a watch that failed", async () => {
    const { asked, clock, lose, podsOf } = await watched([preview("12-shop")], well);
    await lose();
    await podsOf("12-shop", "well");
    expect(asked).toEqual([]);
    await clock.advance(5_000);
    expect(asked).toEqual(["7/12 check"]);
  });
});
