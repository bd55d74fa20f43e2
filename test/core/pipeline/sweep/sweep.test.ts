import { describe, expect, test } from "vitest";
import { emptyMemory } from "../../../../src/pipeline/sweep/memory.ts";
import { sweep, type SweepWorld } from "../../../../src/pipeline/sweep/sweep.ts";
import { FailureError } from "../../../../src/preview/failure.ts";
import { keyString, type PreviewKey } from "../../../../src/preview/key.ts";
import { fakeClock } from "../../../fakes/clock.ts";
import { fakeCluster } from "../../../fakes/cluster.ts";
import { createFakeDeliveries } from "../../../fakes/deliveries.ts";
import { createFakeInstallations } from "../../../fakes/installations.ts";
import { fakeImageLedger } from "../../../fakes/image-ledger.ts";
import { fakeKubernetes, fakeNamespace } from "../../../fakes/kubernetes.ts";
import { fakeLeftovers } from "../../../fakes/leftovers.ts";
import { createFakeGitHub } from "../../../fakes/pull-requests.ts";
import { fakeRecords } from "../../../fakes/records.ts";
import { createFakeRegistry } from "../../../fakes/registry.ts";

const unlimited = { all: undefined, installation: undefined, repository: undefined };
const never = new AbortController().signal;

function sweptWorld() {
  const clock = fakeClock();
  const github = createFakeGitHub(() => clock.now());
  const records = fakeRecords(() => clock.now());
  const kubernetes = fakeKubernetes();
  const installations = createFakeInstallations(github);
  const deliveries = createFakeDeliveries(() => clock.now());
  const cluster = fakeCluster(kubernetes);
  const ledger = fakeImageLedger();
  const asked: string[] = [];
  const logged: string[] = [];
  const log = (_: unknown, message: string) => void logged.push(message);
  const memory = emptyMemory();
  const world: SweepWorld = {
    installations,
    deliveries,
    leftovers: fakeLeftovers(kubernetes, records),
    records,
    ledger,
    registry: createFakeRegistry(),
    queue: { enqueue: async (key, cause) => void asked.push(`${keyString(key)} ${cause}`) },
    commands: { enqueue: async (key) => void asked.push(`commands of ${keyString(key)}`) },
    cluster,
    clock,
    log: { debug() {}, info() {}, warn: log, error: log },
    rules: {
      lifetime: { idleHours: 72, warnHours: 12, afterwards: "remove" },
      limits: { previews: unlimited, builds: unlimited, makeRoom: false },
      images: { graceMs: 3_600_000, buildMs: 60_000 },
    },
  };
  return {
    world,
    github,
    clock,
    records,
    kubernetes,
    ledger,
    installations,
    deliveries,
    logged,
    /** Sweeps, and says what was asked for. */
    sweep: async (epoch = "one"): Promise<string[]> => {
      asked.length = 0;
      await sweep(world, memory, epoch, never);
      return [...asked];
    },
    makeRecord: async (key: PreviewKey, name: string): Promise<string> => {
      const spec = {
        repository: { ...key.repository, fullName: "maintainer/shop" },
        pullRequest: key.number,
        installation: key.installation,
        want: "running" as const,
      };
      return (await records.ensure(key, [name], spec, never)).uid;
    },
  };
}

test("a pull request that nobody heard of is asked for once, and again when the queue lost its memory", async () => {
  const { github, sweep: run } = sweptWorld();
  const key = await github.open();
  expect(await run()).toEqual(["42/1 check"]);
  expect(await run()).toEqual([]);
  await github.push(key);
  expect(await run()).toEqual(["42/1 check"]);
  expect(await run("two")).toEqual(["42/1 check"]);
});

describe("a command that nobody has done", () => {
  const minute = 60_000;

  test("is asked for once while the queue remembers, and again when it lost its memory", async () => {
    const { github, clock, sweep: run, makeRecord } = sweptWorld();
    const key = await github.open();
    await makeRecord(key, "1-shop");
    await github.open();
    await run();
    await clock.advance(minute);
    await github.say(key, "looks good");
    expect(await run()).toEqual(["42/1 check"]);
    await clock.advance(minute);
    await github.say(key, "/preview stop");
    expect(await run()).toContain("commands of 42/1");
    await clock.advance(minute);
    // What has just changed may change again and look the same.
    await run();
    await clock.advance(minute);
    expect(await run()).not.toContain("commands of 42/1");
    expect(await run("two")).toContain("commands of 42/1");
  });

  test("is no longer asked for when it was done", async () => {
    const { github, world, records, sweep: run, makeRecord } = sweptWorld();
    const key = await github.open();
    await makeRecord(key, "1-shop");
    const id = await github.say(key, "/preview stop");
    const record = await records.find(key, never);
    if (record === undefined) throw new Error("there is no record");
    const lastComment = { id, createdAt: world.clock.now().toISOString(), done: "rocket" as const };
    await records.amend(record, { want: "stopped", lastComment }, never);
    expect(await run()).toContain("commands of 42/1");
    const pr = github.all()[0];
    if (pr === undefined) throw new Error("there is no pull request");
    await github.conversation.react(pr, id, "rocket", never);
    expect(await run("two")).not.toContain("commands of 42/1");
  });

  test("is asked for by the next sweep where its comments could not be read", async () => {
    const { github, installations, clock, sweep: run } = sweptWorld();
    const key = await github.open();
    await run();
    await clock.advance(minute);
    await github.say(key, "/preview stop");
    let calls = 0;
    installations.interfere((of) => {
      calls += 1;
      if (of !== "installations" && calls > 2) throw new Error("502");
    });
    expect(await run()).not.toContain("commands of 42/1");
    installations.interfere(() => undefined);
    expect(await run()).toContain("commands of 42/1");
  });
});

test("what could not be asked for is asked for by the next sweep", async () => {
  const { github, world, sweep: run, logged } = sweptWorld();
  await github.open();
  const { enqueue } = world.queue;
  world.queue.enqueue = () => Promise.reject(new Error("the store is down"));
  expect(await run()).toEqual([]);
  expect(logged).toEqual([expect.stringContaining("a step of the sweep failed")]);
  world.queue.enqueue = enqueue;
  expect(await run()).toEqual(["42/1 check"]);
});

test("an outage of GitHub's removes nobody", async () => {
  const { github, sweep: run, installations, makeRecord } = sweptWorld();
  await makeRecord(await github.open(), "1-shop");
  const record = "42/1 check";
  expect(await run()).toEqual([record]);
  const world = sweptWorld();
  const key = await world.github.open();
  await world.makeRecord(key, "1-shop");
  await world.github.close(key);
  world.installations.interfere(() => {
    throw new Error("502");
  });
  // A new record is under way; that needs no word of GitHub's.
  expect(await world.sweep()).toEqual([record]);
  installations.interfere(() => undefined);
});

test("namespaces and accounts whose record is gone go; others stay", async () => {
  const { github, kubernetes, makeRecord, sweep: run, logged } = sweptWorld();
  const uid = await makeRecord(await github.open(), "1-shop");
  kubernetes.namespaces.set("preview-1-shop", fakeNamespace("preview-1-shop", uid));
  kubernetes.namespaces.set("preview-2-shop", fakeNamespace("preview-2-shop", "uid-gone"));
  kubernetes.accounts.set("1-shop-1", "preview-1-shop");
  kubernetes.accounts.set("2-shop-1", "preview-2-shop");
  kubernetes.accounts.set("3-shop-1", "preview-3-shop");
  await run();
  expect([...kubernetes.namespaces.keys()]).toEqual(["preview-1-shop"]);
  expect([...kubernetes.accounts.keys()]).toEqual(["1-shop-1"]);
  expect(logged).toEqual([]);
});

test("a leftover that hangs or fails blocks neither the others nor the sweep", async () => {
  const { kubernetes, world, clock, logged, sweep: run } = sweptWorld();
  for (const name of ["hangs", "fails", "goes"]) {
    kubernetes.namespaces.set(`preview-${name}`, fakeNamespace(`preview-${name}`, "uid-gone"));
  }
  const { remove } = world.cluster;
  world.cluster.remove = (namespace, recordUid, signal) => {
    if (namespace === "preview-hangs") return new Promise(() => undefined);
    if (namespace === "preview-fails") return Promise.reject(new Error("refused"));
    return remove(namespace, recordUid, signal);
  };
  const running = run();
  await clock.advance(44_000);
  expect([...kubernetes.namespaces.keys()]).toEqual(["preview-hangs", "preview-fails"]);
  await clock.advance(1_000);
  await running;
  expect(logged).toHaveLength(2);
});

test("a delivery that did not arrive is asked for again until it does", async () => {
  const { deliveries, clock, sweep: run } = sweptWorld();
  let refusals = 2;
  let arrived = 0;
  const intake = () => {
    refusals -= 1;
    if (refusals >= 0) return Promise.reject(new Error("503"));
    arrived += 1;
    return Promise.resolve();
  };
  await deliveries.deliver(intake);
  await run();
  expect(arrived).toBe(0);
  for (let minute = 0; minute < 5; minute += 1) {
    await clock.advance(60_000);
    await run();
  }
  expect([arrived, deliveries.attempts().length]).toEqual([1, 3]);
});

test("a step that fails stops no other", async () => {
  const { world, github, kubernetes, deliveries, logged, sweep: run } = sweptWorld();
  await github.open();
  kubernetes.namespaces.set("preview-9-shop", fakeNamespace("preview-9-shop", "uid-gone"));
  await deliveries.deliver(() => Promise.reject(new Error("503")));
  const failure = { kind: "transient", code: "x", what: "It is away.", remedy: "Wait." } as const;
  world.leftovers.list = () => Promise.reject(new FailureError(failure));
  expect(await run()).toEqual(["42/1 check"]);
  expect(deliveries.attempts()).toHaveLength(2);
  expect(logged).toEqual(["a step of the sweep failed: It is away."]);
});

test("images are collected now and then", async () => {
  const { ledger, clock, sweep: sweepOnce } = sweptWorld();
  const long = "2025-01-01T00:00:00Z";
  const unused = new Map([
    ["registry.test/greenroom/1/web:g-1", { state: "kept" as const, since: long, usedAt: long }],
  ]);
  ledger.ledgers.set(1, unused);
  await sweepOnce();
  expect([...ledger.ledgers.keys()]).toEqual([]);
  ledger.ledgers.set(1, unused);
  await sweepOnce();
  expect([...ledger.ledgers.keys()]).toEqual([1]);
  await clock.advance(3_600_000);
  await sweepOnce();
  expect([...ledger.ledgers.keys()]).toEqual([]);
});
