import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Visits } from "../../src/ports/visits.ts";
import type { Preview } from "../../src/preview/preview.ts";

/** Where visits are written down, and what a test needs to look behind it. */
export type VisitsHarness = {
  visits: Visits;
  /** A record with a status. */
  make(): Promise<Preview>;
  read(preview: Preview): Promise<Preview | undefined>;
  dispose(): Promise<void>;
};

const signal = AbortSignal.timeout(60_000);
const at = new Date("2026-01-02T03:04:05.678Z");

/** What everything has to do that writes visits down. */
export function visitsContract(title: string, start: () => Promise<VisitsHarness>): void {
  describe(`visits written down ${title}`, () => {
    let harness: VisitsHarness;
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness.dispose());

    test("are in the record's status, and nothing else is changed", async () => {
      const preview = await harness.make();
      await harness.visits.record(preview, at, signal);
      const { status, spec } = (await harness.read(preview)) ?? preview;
      expect({ status, spec }).toEqual({
        status: { ...preview.status, lastVisitAt: at.toISOString() },
        spec: preview.spec,
      });
    });

    test("of a record that is gone, or that another one has replaced, are forgotten", async () => {
      const preview = await harness.make();
      await harness.visits.record({ name: "0-nobody", uid: preview.uid }, at, signal);
      await harness.visits.record({ name: preview.name, uid: "9b1f4f5e-0000-4000-8000-000000000000" }, at, signal);
      expect((await harness.read(preview))?.status).toEqual(preview.status);
    });
  });
}
