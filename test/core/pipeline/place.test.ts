import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { takePlace } from "../../../src/pipeline/place.ts";
import { needsOf } from "../../../src/policy/capacity.ts";
import { keyOf } from "../../../src/preview/key.ts";
import type { Preview } from "../../../src/preview/preview.ts";
import type { Records } from "../../../src/ports/records.ts";
import { fakeRecords } from "../../fakes/records.ts";
import { samplePreview } from "../preview/sample.ts";
import { smallWorld } from "./small-world.ts";

const signal = new AbortController().signal;

const small = smallWorld();
afterAll(() => small.checkouts.close());

test("whatever comes between a claim, its writing and the count, never more than may get a place", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 2, maxLength: 6 }),
      async (scheduler, limit, clocks) => {
        const records = fakeRecords();
        const builds = { all: limit, installation: undefined, repository: undefined };
        const limits = { ...small.world.rules.limits, builds };
        const isLate = clocks.map((offset) => offset % 2 === 0);
        const opened = await Promise.all(
          clocks.map(async (_, index) => {
            const preview = samplePreview();
            const spec = { ...preview.spec, pullRequest: index + 1 };
            const made = await records.ensure(keyOf({ spec }), [`${index + 1}-shop`], spec, signal);
            return await records.claim(made, signal);
          }),
        );
        const { clock } = small.world;
        /** What a watch has seen that has just come to each record's last write. */
        const views = new Map<string, Preview[]>();
        /** Others may come before what is asked for takes place, and before the answer arrives. */
        const onItsWay = async <T>(call: () => Promise<T>): Promise<T> => {
          await scheduler.schedule(Promise.resolve());
          return await scheduler.schedule(call());
        };
        const taking = opened.map(async (preview, index) => {
          const world = {
            ...small.world,
            rules: { ...small.world.rules, limits },
            // Workers whose clocks differ.
            clock: { ...clock, now: () => new Date(clock.now().getTime() + (clocks[index] ?? 0)) },
            records: {
              ...records,
              report: (...of: Parameters<Records["report"]>) =>
                onItsWay(async () => {
                  const written = await records.report(...of);
                  views.set(written.uid, await records.list());
                  return written;
                }),
              listCaughtUp: (until: AbortSignal) =>
                onItsWay(async () => (isLate[index] ? views.get(preview.uid) : undefined) ?? records.listFresh(until)),
              listFresh: (until: AbortSignal) => onItsWay(() => records.listFresh(until)),
            },
          };
          const taken = await takePlace(world, preview, needsOf(preview, false), { phase: "Building" }, signal);
          if (taken.line === undefined) return true;
          await world.records.report(taken.preview, { phase: "Waiting", startedWorkAt: undefined }, signal);
          return false;
        });
        await scheduler.waitFor(Promise.all(taking));
        const got = (await Promise.all(taking)).filter(Boolean).length;
        expect(got).toBeLessThanOrEqual(limit);
      },
    ),
    { numRuns: 100 },
  );
});
