import { afterEach, describe, expect, test } from "vitest";
import type { Preview, PreviewStatus } from "../../../src/preview/preview.ts";
import { startHealth } from "../../../workers/health.ts";
import { preview } from "../gateway/sample.ts";

const since = "2026-01-02T00:00:00.000Z";
const asleep = { since, because: "idle" as const, workloads: [] };
const sleeping: Partial<PreviewStatus> = { phase: "Asleep", asleep };
const called: Partial<PreviewStatus> = { ...sleeping, lastVisitAt: "2026-01-02T00:00:00.001Z" };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Records that change, news of pods that are told, and a queue that notes what it is asked for. */
async function watched(...first: Preview[]) {
  let records = first;
  let listener: (() => void) | undefined;
  const asked: string[] = [];
  const queue = { failing: false };
  const pods = new Map<string, () => void>();
  const told: string[] = [];
  const stop = await startHealth(
    {
      async *changes(signal) {
        while (!signal.aborted) {
          const next = told.shift();
          if (next !== undefined) yield next;
          else {
            await new Promise<void>((resolve) => {
              pods.set("told", resolve);
              signal.addEventListener("abort", () => resolve(), { once: true });
            });
          }
        }
      },
    },
    {
      list: async () => records,
      subscribe: (each) => {
        listener = each;
        return () => undefined;
      },
    },
    {
      async enqueue({ number, installation }, cause) {
        if (queue.failing) throw new Error("no store");
        asked.push(`${installation}/${number} ${cause}`);
      },
    },
    { debug() {}, info() {}, warn() {}, error() {} },
  );
  stops.push(stop);
  return {
    asked,
    queue,
    change: async (...now: Preview[]) => {
      records = now;
      listener?.();
      await settled();
    },
    podsOf: async (name: string) => {
      told.push(name);
      pods.get("told")?.();
      await settled();
    },
  };
}

describe("a preview that sleeps", () => {
  test("is looked at once when somebody visits it", async () => {
    const { asked, change } = await watched(preview("12-shop", sleeping));
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
    const { asked } = await watched(preview("12-shop", called));
    expect(asked).toEqual(["7/12 check"]);
  });

  test("is asked for again where the queue did not take it", async () => {
    const { asked, change, queue } = await watched(preview("12-shop", sleeping));
    queue.failing = true;
    await change(preview("12-shop", called));
    queue.failing = false;
    await change(preview("12-shop", { ...called, attempt: 2 }));
    expect(asked).toEqual(["7/12 check"]);
  });
});

test("a record that somebody deletes is looked at once, and a new one of its name again", async () => {
  const { asked, change } = await watched(preview("12-shop"));
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
  const { asked, change, queue } = await watched(preview("12-shop"));
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

test("news of pods are news only of previews that nobody works on", async () => {
  const { asked, change, podsOf } = await watched(preview("12-shop"));
  await podsOf("12-shop");
  expect(asked).toHaveLength(1);
  await change(preview("12-shop", { phase: "Deploying" }));
  await podsOf("12-shop");
  await podsOf("13-shop");
  expect(asked).toHaveLength(1);
});

test("what was under way when the last worker was lost is looked at once at the start", async () => {
  const { asked } = await watched(
    preview("12-shop", { phase: "Building" }),
    { ...preview("13-shop", { phase: "Removing" }), deleting: true },
    preview("14-shop", { phase: "Ready" }),
  );
  expect(asked).toHaveLength(2);
});
