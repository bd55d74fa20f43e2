import { expect, test } from "vitest";
import { reconcile } from "../../../src/pipeline/reconcile.ts";
import type { PreviewKey } from "../../../src/preview/key.ts";
import { isAtWork } from "../../../src/policy/capacity.ts";
import { FailureError } from "../../../src/preview/failure.ts";
import { createFakeQueue, type FakeQueue } from "../../fakes/queue.ts";
import { files, smallWorld } from "./small-world.ts";

const signal = new AbortController().signal;
const endless = { ...files, Dockerfile: "FROM busybox:1.37\nRUN sleep 1000\n" };
const stuck = { id: 77, nodeId: "R_77", owner: "maintainer", name: "stuck" };

/** The small world with the fake queue and one worker; counts what is at work after every write of a record. */
async function running(limit: number) {
  let queue: FakeQueue | undefined;
  const small = smallWorld({
    queue: (clock) => (queue = createFakeQueue({ clock, concurrency: 20 })),
    limits: { builds: { all: undefined, installation: 10, repository: limit } },
  });
  if (queue === undefined) throw new Error("the world made no queue");
  const started = queue;
  const most = { repository: 0, installation: 0 };
  const build = small.builder.build.bind(small.builder);
  const building = new Map<string, number>();
  small.builder.build = async (request, onProgress, abort) => {
    const repository = request.reference.slice(0, request.reference.lastIndexOf(":"));
    building.set(repository, (building.get(repository) ?? 0) + 1);
    most.repository = Math.max(most.repository, ...building.values());
    most.installation = Math.max(
      most.installation,
      [...building.values()].reduce((sum, each) => sum + each, 0),
    );
    try {
      return await build(request, onProgress, abort);
    } finally {
      building.set(repository, (building.get(repository) ?? 1) - 1);
    }
  };
  const stop = await started.consume(
    (key, abort) => reconcile(small.world, key, abort, () => undefined),
    () => false,
  );
  const phases = async (keys: PreviewKey[]) => {
    const records = await Promise.all(keys.map(async (key) => (await small.records.find(key, signal))?.status.phase));
    return Object.fromEntries([...Map.groupBy(records, (phase) => phase)].map(([phase, all]) => [phase, all.length]));
  };
  return { ...small, queue: started, most, stop, phases };
}

test("50 pull requests of a repository whose builds hang do not keep a good one elsewhere from its preview", async () => {
  const small = await running(4);
  const bad = await Promise.all(Array.from({ length: 50 }, () => small.github.open({ repository: stuck })));
  for (const key of bad) small.contents.set(await small.head(key), endless);
  for (const key of bad) await small.queue.enqueue(key, "change");
  const good = await small.github.open();
  await small.queue.enqueue(good, "change");
  await expect
    .poll(async () => (await small.records.find(good, signal))?.status.phase, { interval: 5, timeout: 8_000 })
    .toBe("Ready");
  await expect.poll(() => small.phases(bad), { interval: 5, timeout: 8_000 }).toEqual({ Building: 4, Waiting: 46 });
  expect(small.most.repository).toBe(4);
  const places = (await small.records.listFresh(signal)).flatMap(({ status }) => status.place ?? []);
  expect(Math.max(...places)).toBeLessThanOrEqual(46);
  await small.stop();
  small.checkouts.close();
}, 20_000);

test("a repository whose builds fail for a while gives its places to its others, and all are built in the end", async () => {
  const small = await running(2);
  const keys = await Promise.all(Array.from({ length: 12 }, () => small.github.open()));
  const build = small.builder.build.bind(small.builder);
  const tried = new Set<string>();
  small.builder.build = async (request, onProgress, abort) => {
    if (!tried.has(request.contextDirectory) && tried.size < 6) {
      tried.add(request.contextDirectory);
      throw new FailureError({ kind: "transient", code: "builder-away", what: "BuildKit is away.", remedy: "Wait." });
    }
    return await build(request, onProgress, abort);
  };
  for (const key of keys) await small.queue.enqueue(key, "change");
  await expect
    .poll(
      async () => {
        await small.clock.advance(10_000);
        return await small.phases(keys);
      },
      { interval: 5, timeout: 8_000 },
    )
    .toEqual({ Ready: 12 });
  expect(small.most.installation).toBeLessThanOrEqual(2);
  expect((await small.records.listFresh(signal)).filter(isAtWork)).toEqual([]);
  await small.stop();
  small.checkouts.close();
}, 20_000);
