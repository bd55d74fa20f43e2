import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CallBudget, Caller, Taken, WriteLimits } from "../../src/ports/call-budget.ts";

export type CallBudgetHarness = {
  /** The budget as one more worker sees it. */
  open(): CallBudget;
  /** Lets time pass for the store and for every worker. */
  pass(milliseconds: number): Promise<void>;
  dispose(): Promise<void>;
};

const limits: WriteLimits = { perMinute: 8, perHour: 20 };
const minute = 60_000;
const caller: Caller = 7;

/** Writes until something refuses, and answers how many were taken and what refused. */
export async function spend(budget: CallBudget, who: Caller = caller): Promise<{ taken: number; last: Taken }> {
  for (let taken = 0; ; taken += 1) {
    const last = await budget.take(who, "write");
    if (last !== "taken" || taken === 1_000) return { taken, last };
  }
}

/** What everything that counts calls to GitHub has to do. */
export function callBudgetContract(name: string, start: (of: WriteLimits) => Promise<CallBudgetHarness>): void {
  describe(`the budget of calls ${name}`, () => {
    let harness: CallBudgetHarness;
    let budget: CallBudget;
    beforeEach(async () => {
      harness = await start(limits);
      budget = harness.open();
    });
    afterEach(() => harness.dispose());
    const other = () => harness.open();

    test("takes so many writes a minute from all workers together, and any number of reads", async () => {
      const second = other();
      for (let n = 0; n < 4; n += 1) {
        expect(await budget.take(caller, "write")).toBe("taken");
        expect(await second.take(caller, "write")).toBe("taken");
      }
      const refused = { refused: "spent", wait: expect.any(Number) };
      expect([await budget.take(caller, "write"), await second.take(caller, "write")]).toEqual([refused, refused]);
      for (let n = 0; n < 50; n += 1) expect(await second.take(caller, "read")).toBe("taken");
    });

    test("says when there is room again, and then there is", async () => {
      await budget.take(caller, "write");
      await harness.pass(minute / 2);
      const { taken, last } = await spend(budget);
      expect(taken).toBe(limits.perMinute - 1);
      if (last === "taken") throw new Error("nothing was refused");
      expect(last.wait).toBeGreaterThan(minute / 2 - 5_000);
      expect(last.wait).toBeLessThanOrEqual(minute / 2);
      await harness.pass(last.wait + 1);
      expect((await spend(budget)).taken).toBe(1);
    });

    test("takes so many writes an hour, however they are spread", async () => {
      let taken = 0;
      for (let n = 0; n < 5; n += 1) {
        taken += (await spend(budget)).taken;
        await harness.pass(minute + 1);
      }
      expect(taken).toBe(limits.perHour);
      const last = await budget.take(caller, "write");
      if (last === "taken") throw new Error("nothing was refused");
      expect(last.wait).toBeGreaterThan(50 * minute);
      await harness.pass(last.wait + 1);
      expect((await spend(budget)).taken).toBe(limits.perMinute);
    });

    test("counts each caller alone", async () => {
      await spend(budget);
      await budget.close("app", minute);
      expect((await spend(budget, 8)).taken).toBe(limits.perMinute);
      expect(await budget.take(caller, "read")).toBe("taken");
      expect(await budget.take("app", "read")).toMatchObject({ refused: "closed" });
    });

    test("lets nobody call who is closed, until the longest time that was said is over", async () => {
      const second = other();
      await budget.close(caller, 2 * minute);
      await second.close(caller, minute);
      for (const each of [budget, second]) {
        for (const kind of ["read", "write"] as const) {
          const taken = await each.take(caller, kind);
          if (taken === "taken") throw new Error("a call could leave");
          expect(taken.refused).toBe("closed");
          expect(taken.wait).toBeGreaterThan(minute);
          expect(taken.wait).toBeLessThanOrEqual(2 * minute);
        }
      }
      await harness.pass(minute + 1);
      expect(await second.take(caller, "read")).toMatchObject({ refused: "closed" });
      await harness.pass(minute);
      expect([await budget.take(caller, "read"), await second.take(caller, "write")]).toEqual(["taken", "taken"]);
    });

    test("closes for an hour at most, and not at all for no time", async () => {
      await budget.close(caller, 0);
      expect(await budget.take(caller, "read")).toBe("taken");
      await budget.close(caller, 1_000 * minute);
      await harness.pass(60 * minute + 1);
      expect(await budget.take(caller, "read")).toBe("taken");
    });

    test("is low when three quarters are used, and while it is closed", async () => {
      const second = other();
      for (let n = 0; n < 5; n += 1) await budget.take(caller, "write");
      expect([await budget.isLow(caller), await second.isLow(caller)]).toEqual([false, false]);
      await budget.take(caller, "write");
      expect([await budget.isLow(caller), await second.isLow(caller)]).toEqual([true, true]);
      // Only what matters for a moment is kept back by that.
      expect(await second.take(caller, "write")).toBe("taken");
      await harness.pass(minute + 1);
      expect(await second.isLow(caller)).toBe(false);
      await budget.close(caller, minute);
      expect([await budget.isLow(caller), await second.isLow(caller)]).toEqual([true, true]);
    });
  });
}
