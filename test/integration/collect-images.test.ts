// The collector as a whole on what it works with: the lab's registry, and ledger and records in its API server.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readLabStatus } from "../../infra/local/lab/status.ts";
import { systemClock } from "../../src/adapters/clock.ts";
import { createImageLedger } from "../../src/adapters/kubernetes/image-ledger.ts";
import { createRecordCache } from "../../src/adapters/kubernetes/record-cache.ts";
import { createRecords } from "../../src/adapters/kubernetes/records.ts";
import { namespacePath } from "../../src/adapters/kubernetes/resources.ts";
import { createOciRegistry } from "../../src/adapters/oci/registry.ts";
import type { LedgerEntry } from "../../src/images/ledger.ts";
import { collectImages, type CollectorWorld } from "../../src/pipeline/collect-images.ts";
import { obtainImage } from "../../src/pipeline/obtain-image.ts";
import type { World } from "../../src/pipeline/world.ts";
import { smallWorld } from "../core/pipeline/small-world.ts";
import { kubernetesLab } from "./kubernetes-lab.ts";
import { pushAuthorization, pushImage } from "./push-image.ts";
import { quietNamespace } from "./quiet-namespace.ts";

const signal = AbortSignal.timeout(170_000);
const hour = 3_600_000;

async function arrange() {
  const status = await readLabStatus();
  if (status === undefined) throw new Error("the lab does not run; start it with: npm run lab -- up --detach");
  const authorization = pushAuthorization(status);
  const lab = await kubernetesLab();
  const namespace = await quietNamespace(lab, "images", signal);
  const lifetime = new AbortController();
  const fakes = smallWorld();
  const world: World = {
    ...fakes.world,
    clock: systemClock,
    registry: createOciRegistry({
      registry: `${status.registry}/collect`,
      authFile: status.registryAuthFile,
      insecure: true,
    }),
    ledger: createImageLedger(lab.worker, namespace),
    records: createRecords(lab.worker, namespace, createRecordCache(lab.worker, namespace, lifetime.signal)),
    rules: { ...fakes.world.rules, images: { graceMs: hour, buildMs: 60_000 } },
  };
  const repositoryId = Date.now();
  const repository = world.registry.repository(repositoryId, "web");
  const push = (reference: string, content: string) => pushImage(reference, content, authorization);
  let pullRequests = 0;

  /** A record of a pull request that names an image. */
  async function name(reference: string) {
    const number = (pullRequests += 1);
    const own = { id: repositoryId, nodeId: "R_1" };
    const key = { installation: 1, repository: own, number };
    const of = { repository: { ...own, fullName: "acme/shop" }, pullRequest: number, installation: 1 };
    const record = await world.records.ensure(key, [`${number}-shop`], { ...of, want: "running" }, signal);
    const claimed = await world.records.claim(record, signal);
    return await world.records.report(claimed, { images: [{ name: "web", reference, outcome: "pending" }] }, signal);
  }

  return {
    world,
    repositoryId,
    repository,
    name,
    collect: (changes: Partial<CollectorWorld> = {}) => collectImages({ ...world, ...changes }, signal),
    entries: () => world.ledger.read(repositoryId, signal),

    /** An image that was pushed and last used so many hours ago. */
    async put(tag: string, content: string, hours: number, changes: Partial<LedgerEntry> = {}) {
      const reference = `${repository}:${tag}`;
      const digest = await push(reference, content);
      const at = new Date(Date.now() - hours * hour).toISOString();
      const entry: LedgerEntry = { state: "kept", since: at, usedAt: at, digest, ...changes };
      await world.ledger.update(repositoryId, (ledger) => new Map(ledger).set(reference, entry), signal);
      return { reference, digest };
    },

    /** What a deploy does: its record names the image, and then it relies on the one that it obtains. */
    async deploy(reference: string, content: string) {
      await name(reference);
      const build = () => push(reference, content);
      return await obtainImage(world, { repositoryId, reference, cache: undefined, fresh: false, build }, signal);
    },

    /** Whether a deploy that got this digest can pull it, by the digest and by the tag. */
    async isThere(reference: string, digest: string) {
      const asked = [reference, `${repository}@${digest}`].map((each) => world.registry.digest(each, signal));
      return (await Promise.all(asked)).every((found) => found === digest);
    },

    async dispose() {
      fakes.checkouts.close();
      lifetime.abort();
      await lab.admin.json({ method: "DELETE", path: namespacePath(namespace), signal });
      await lab.dispose();
    },
  };
}

describe("collecting images from a registry", () => {
  let images: Awaited<ReturnType<typeof arrange>>;
  beforeAll(async () => {
    images = await arrange();
  });
  afterAll(() => images.dispose());

  test("what nobody uses goes after the time of grace; what is used, or was lately, or was merged stays", async () => {
    const merged = new Date(Date.now() - 48 * hour).toISOString();
    const unused = await images.put("unused", "unused", 2);
    const staying = [
      await images.put("lately", "lately", 0.5),
      await images.put("merged", "merged", 48, { mergedAt: merged }),
      await images.put("named", "named", 48),
    ];
    const { reference } = staying[2] ?? unused;
    const record = await images.name(reference);
    await images.collect();
    expect(await images.isThere(unused.reference, unused.digest)).toBe(false);
    expect(await images.world.registry.digest(`${images.repository}@${unused.digest}`, signal)).toBeUndefined();
    for (const each of staying) expect(await images.isThere(each.reference, each.digest)).toBe(true);
    expect([...(await images.entries()).keys()].toSorted()).toEqual(staying.map((each) => each.reference).toSorted());

    await images.world.records.remove(record, signal);
    await images.collect();
    expect(await images.world.registry.digest(reference, signal)).toBe(staying[2]?.digest);
    await images.put("named", "named", 2);
    await images.collect();
    expect(await images.world.registry.digest(reference, signal)).toBeUndefined();
  });

  test("one that a deploy wants after it was condemned is spared, and reused", async () => {
    const { reference, digest } = await images.put("condemned", "condemned", 2);
    const { records } = images.world;
    let listed = 0;
    let state: string | undefined;
    let deploying: ReturnType<typeof images.deploy> | undefined;
    await images.collect({
      records: {
        async listFresh(stop) {
          // The first look is what it was condemned by.
          if ((listed += 1) === 2) {
            state = (await images.entries()).get(reference)?.state;
            await images.name(reference);
            deploying = images.deploy(reference, "condemned");
          }
          return await records.listFresh(stop);
        },
      },
    });
    expect(state).toBe("deleting");
    expect(await deploying).toEqual({ digest, built: false });
    expect(await images.isThere(reference, digest)).toBe(true);
  });

  test("one that a deploy wants while it is being deleted is built anew, after that", async () => {
    const { reference, digest } = await images.put("late", "late", 2);
    const { registry } = images.world;
    let deploying: ReturnType<typeof images.deploy> | undefined;
    await images.collect({
      registry: {
        ...registry,
        async delete(...asked) {
          deploying = images.deploy(reference, "late");
          await registry.delete(...asked);
        },
      },
    });
    expect(await deploying).toEqual({ digest, built: true });
    expect(await images.isThere(reference, digest)).toBe(true);
    expect((await images.entries()).get(reference)).toMatchObject({ state: "kept", digest });
  });

  test("whenever a deploy comes in between, what it relies on is there", async () => {
    const ways = { built: 0, reused: 0 };
    const missing: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      // Two tags each share a manifest, and nobody deploys the last two.
      const tags = Array.from({ length: 6 }, (_, n) => ({ tag: `race-${round}-${n}`, content: `${round} ${n >> 1}` }));
      for (const { tag, content } of tags) await images.put(tag, content, 2);
      const deploys: Promise<{ reference: string; digest: string; built: boolean }>[] = [];
      const begin = () => {
        const next = tags[deploys.length];
        if (next === undefined || deploys.length === 4) return;
        const reference = `${images.repository}:${next.tag}`;
        deploys.push(images.deploy(reference, next.content).then((got) => ({ reference, ...got })));
      };
      // Each begins a few steps of the collectors after the one before, and in another round at other ones.
      let steps = round;
      const watched = watch(images.world, () => {
        if ((steps += 1) % 4 === 0) begin();
      });
      await Promise.all([images.collect(watched), images.collect(watched)]);
      while (deploys.length < 4) begin();
      for (const { reference, digest, built } of await Promise.all(deploys)) {
        ways[built ? "built" : "reused"] += 1;
        if (!(await images.isThere(reference, digest))) missing.push(reference);
      }
      await images.collect();
      expect([...(await images.entries()).keys()].filter((each) => each.includes(`race-${round}-`))).toHaveLength(4);
    }
    expect(missing).toEqual([]);
    expect(ways.built).toBeGreaterThan(0);
    expect(ways.reused).toBeGreaterThan(0);
  });
});

/** A collector's world that tells of each of its steps before it is done. */
function watch({ ledger, registry, records }: World, tell: () => void): Partial<CollectorWorld> {
  return {
    ledger: {
      repositories: (stop) => ledger.repositories(stop),
      read: async (...asked) => (tell(), await ledger.read(...asked)),
      update: async (...asked) => (tell(), await ledger.update(...asked)),
    },
    registry: {
      ...registry,
      delete: async (...asked) => (tell(), await registry.delete(...asked)),
    },
    records: { listFresh: async (...asked) => (tell(), await records.listFresh(...asked)) },
  };
}
