import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Deliveries } from "../../src/ports/deliveries.ts";

export type DeliveriesHarness = {
  deliveries: Deliveries;
  /** Something happens on GitHub; resolves when the app was told and has answered. */
  happen: () => Promise<void>;
  /** Whether the app takes what it is told. */
  accept: (accepts: boolean) => void;
  /** How often the app was told anything. */
  told: () => number;
  /** Resolves when no delivery is on its way. */
  settled: () => Promise<void>;
  now: () => Date;
  dispose: () => Promise<void>;
};

const never = new AbortController().signal;
const ever = new Date(0);

/** What everything that stands for GitHub's memory of deliveries has to do. */
export function deliveriesContract(name: string, start: () => Promise<DeliveriesHarness>): void {
  describe(`deliveries ${name}`, () => {
    let harness: DeliveriesHarness;
    beforeEach(async () => {
      harness = await start();
    });
    afterEach(() => harness.dispose());

    const failing = async (times: number) => {
      harness.accept(false);
      for (let n = 0; n < times; n += 1) await harness.happen();
      harness.accept(true);
    };

    test("that arrived are nobody's trouble", async () => {
      const { deliveries, happen } = harness;
      await happen();
      expect(await deliveries.troubled(ever, never)).toEqual([]);
    });

    test("that failed are listed newest first, among others on however many pages", async () => {
      const { deliveries, happen } = harness;
      await happen();
      await failing(2);
      await happen();
      await failing(1);
      await happen();
      const failed = await deliveries.troubled(ever, never);
      expect(failed.map(({ succeeded }) => succeeded)).toEqual([false, false, false]);
      expect(new Set(failed.map(({ guid }) => guid)).size).toBe(3);
      expect(failed.map(({ id }) => id)).toEqual(failed.map(({ id }) => id).toSorted((a, b) => Number(b) - Number(a)));
      expect(await deliveries.troubled(ever, never)).toEqual(failed);
      await failing(1);
      expect((await deliveries.troubled(ever, never)).slice(1)).toEqual(failed);
    });

    test("are repeated under their own guid, and what comes of that is listed too", async () => {
      const { deliveries, settled, told } = harness;
      await failing(1);
      const [first] = await deliveries.troubled(ever, never);
      if (first === undefined) throw new Error("nothing failed");
      harness.accept(false);
      await deliveries.redeliver(first.id, never);
      await settled();
      harness.accept(true);
      await deliveries.redeliver(first.id, never);
      await settled();
      const attempts = await deliveries.troubled(ever, never);
      expect(attempts.map(({ guid, succeeded }) => ({ guid, succeeded }))).toEqual([
        { guid: first.guid, succeeded: true },
        { guid: first.guid, succeeded: false },
        { guid: first.guid, succeeded: false },
      ]);
      expect(told()).toBe(3);
    });

    test("of earlier than asked for are left out", async () => {
      const { deliveries, now } = harness;
      await failing(1);
      expect(await deliveries.troubled(new Date(now().getTime() + 1_000), never)).toEqual([]);
    });

    test("that GitHub does not know cannot be repeated", async () => {
      await expect(harness.deliveries.redeliver("987654321", never)).rejects.toBeInstanceOf(Error);
    });
  });
}
