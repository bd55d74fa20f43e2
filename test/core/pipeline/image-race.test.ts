// Deploys and collectors in all orders: whatever happens in between, an image that a deploy relies on is there.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { collectImages } from "../../../src/pipeline/collect-images.ts";
import { obtainImage } from "../../../src/pipeline/obtain-image.ts";
import type { World } from "../../../src/pipeline/world.ts";
import { FailureError, failureOf } from "../../../src/preview/failure.ts";
import { samplePreview } from "../preview/sample.ts";
import { smallWorld } from "./small-world.ts";

const never = new AbortController().signal;
const minute = 60_000;
const repositoryId = 42;
/** How much later than it was sent a registry may still obey, to a client that has given up. */
const latestMs = minute;

const tag = fc.constantFrom("a", "a", "b", "b", "c");
/** Builds of equal content give one manifest, also under two tags. */
const content = fc.constantFrom("same", "same", "other");

const histories = fc.record({
  /** Each names its tag in its record, obtains the image, and may leave again. */
  deploys: fc.array(fc.record({ tag, content, leaves: fc.boolean() }), { minLength: 1, maxLength: 3 }),
  collectors: fc.integer({ min: 1, max: 2 }),
  /** What ledger and registry have from before. */
  past: fc.uniqueArray(
    fc.record({
      tag,
      content,
      state: fc.constantFrom("kept", "kept", "building", "deleting"),
      usedMs: fc.constantFrom(10 * minute, 600 * minute),
    }),
    { selector: (each) => each.tag, minLength: 1, maxLength: 3 },
  ),
  /** Who goes on for how many steps, or until it is about to do something; number 0 is the clock, whose steps are these. */
  turns: fc.array(
    fc.record({
      who: fc.nat(5),
      steps: fc.integer({ min: 1, max: 8 }),
      until: fc.constantFrom(undefined, undefined, "update", "list", "build", "delete", "end"),
    }),
    { maxLength: 16 },
  ),
  jumps: fc.constantFrom(10_000, 30_000, 130_000, 120 * minute),
});
type History = typeof histories extends fc.Arbitrary<infer T> ? T : never;

/** One who goes on only when told, with what it does at the same time one after the other. */
type Actor = { held: { before: string; goOn(): void }[]; ended: boolean };

type Gate = (before: string) => Promise<void>;

async function run(history: History): Promise<void> {
  const small = smallWorld();
  const { clock, registry, ledger } = small;
  const repository = registry.repository(repositoryId, "web");
  const ago = (milliseconds: number) => new Date(clock.now().getTime() - milliseconds).toISOString();
  ledger.ledgers.set(
    repositoryId,
    new Map(
      history.past.map(({ tag: name, content: of, state, usedMs }) => {
        const reference = `${repository}:${name}`;
        const digest = registry.push(reference, of);
        const known = state === "building" ? {} : { digest };
        return [reference, { state, since: ago(usedMs), usedAt: ago(usedMs), ...known }] as const;
      }),
    ),
  );
  /** Tags that records name, and what finished deploys run, as `repository@digest`. */
  const named = new Map<number, string>();
  const relied = new Map<number, string>();
  const records = async () =>
    [...named.values()].map((reference) => samplePreview({ images: [{ name: "web", reference, outcome: "pending" }] }));

  const actors: Actor[] = [];
  const failures: unknown[] = [];
  const begin = (life: (gate: Gate) => Promise<void>): void => {
    const actor: Actor = { held: [], ended: false };
    actors.push(actor);
    const gate: Gate = (before) => new Promise((resolve) => actor.held.push({ before, goOn: resolve }));
    life(gate)
      .catch((error: unknown) => failures.push(error))
      .finally(() => {
        actor.ended = true;
      });
  };

  history.deploys.forEach((deploy, index) => {
    begin(async (gate) => {
      const reference = `${repository}:${deploy.tag}`;
      await gate("begin");
      named.set(index, reference);
      const build = async () => {
        await gate("build");
        const digest = registry.push(reference, deploy.content);
        await gate("go on");
        return digest;
      };
      const wanted = { repositoryId, reference, cache: undefined, fresh: false, build };
      const { digest } = await obtainImage(gatedWorld(small, records, gate), wanted, never);
      relied.set(index, `${repository}@${digest}`);
      if (!deploy.leaves) return;
      await gate("leave");
      relied.delete(index);
      named.delete(index);
    });
  });
  for (let each = 0; each < history.collectors; each += 1) {
    begin(async (gate) => {
      await gate("begin");
      await collectImages(gatedWorld(small, records, gate), never);
    });
  }

  const step = async (actor: Actor | undefined): Promise<void> => {
    if (actor === undefined) await clock.advance(history.jumps);
    else actor.held.shift()?.goOn();
    await clock.advance(0);
    for (const image of relied.values()) expect(registry.manifests).toContain(image);
  };
  for (const { who, steps, until } of history.turns) {
    const actor = actors[who - 1];
    const most = until === undefined || actor === undefined ? steps : 40;
    for (let count = 0; count < most; count += 1) {
      if (actor !== undefined && (actor.ended || (count > 0 && actor.held[0]?.before === until))) break;
      if (actor !== undefined || who === 0) await step(actor);
    }
  }
  while (actors.some(({ ended }) => !ended)) {
    for (const actor of actors) await step(actor);
    await clock.advance(1_000);
  }
  // One that was kept waiting for minutes gives up for now, and relies on nothing.
  expect(failures.filter((error) => failureOf(error).code !== "image-being-deleted")).toEqual([]);
}

/** The world as one actor sees it, who may be stopped before and after whatever it does. */
function gatedWorld(
  { world, clock, registry, ledger }: ReturnType<typeof smallWorld>,
  records: World["records"]["listFresh"],
  gate: Gate,
): World {
  const around = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    await gate(what);
    const done = await work();
    await gate("go on");
    return done;
  };
  return {
    ...world,
    rules: { ...world.rules, images: { graceMs: 60 * minute, buildMs: minute } },
    ledger: {
      repositories: (signal) => around("repositories", () => ledger.repositories(signal)),
      read: (...args) => around("read", () => ledger.read(...args)),
      update: (...args) => around("update", () => ledger.update(...args)),
    },
    registry: {
      ...registry,
      digest: (...args) => around("digest", () => registry.digest(...args)),
      delete: async (of, digest, notAfter, signal) => {
        await gate("send");
        if (clock.now() > notAfter) throw unanswered();
        await gate("delete");
        const latest = new Date(notAfter.getTime() + latestMs);
        if (clock.now() <= latest) await registry.delete(of, digest, latest, signal);
        await gate("go on");
        if (clock.now() > notAfter) throw unanswered();
      },
    },
    records: { ...world.records, listFresh: (signal) => around("list", () => records(signal)) },
  };
}

function unanswered(): FailureError {
  const what = "The registry does not answer.";
  return new FailureError({ kind: "transient", code: "registry-unreachable", what, remedy: "Wait." });
}

/** Two collectors and tags of one manifest: one collector must not forget the tag that a deploy has just come to rely on. */
const forgotten: History = {
  deploys: [{ tag: "a", content: "same", leaves: false }],
  collectors: 2,
  past: [
    { tag: "b", content: "same", state: "kept", usedMs: 10 * minute },
    { tag: "a", content: "same", state: "kept", usedMs: 600 * minute },
  ],
  turns: [
    { who: 2, steps: 1, until: "update" },
    { who: 1, steps: 1, until: "list" },
    { who: 0, steps: 1, until: undefined },
  ],
  jumps: 120 * minute,
};

/** More of them on demand. */
const races = Number(process.env["GREENROOM_RACES"] ?? 200);

describe("collectors and deploys", () => {
  test("in any order, what a finished deploy relies on is in the registry", {
    timeout: 10_000 + races * 20,
  }, async () => {
    await fc.assert(fc.asyncProperty(histories, run), { numRuns: races, examples: [[forgotten]] });
  });
});
