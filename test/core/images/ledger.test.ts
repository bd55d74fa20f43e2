import { describe, expect, test } from "vitest";
import {
  beginBuild,
  digestsOf,
  finishBuild,
  keepCache,
  type Ledger,
  type LedgerEntry,
  markMerged,
  takeOverMs,
  touch,
} from "../../../src/images/ledger.ts";

const now = new Date("2026-01-10T00:00:00.000Z");
const hour = 3_600_000;
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds).toISOString();
const reference = "r.test/p/42/web:g-1";
const other = "r.test/p/42/web:g-2";
const kept: LedgerEntry = { state: "kept", since: ago(hour), usedAt: ago(hour), digest: "sha256:a" };
const going = (milliseconds: number): LedgerEntry => ({ ...kept, state: "deleting", since: ago(milliseconds) });
const of = (...entries: [string, LedgerEntry][]): Ledger => new Map(entries);

function entryIn(ledger: Ledger | "wait"): LedgerEntry | undefined {
  return ledger === "wait" ? undefined : ledger.get(reference);
}

describe("the image ledger", () => {
  test("a deploy that wants an image says so, unless that was said just now", () => {
    const ledger = of([reference, kept]);
    expect(entryIn(touch(ledger, reference, now, hour / 2))?.usedAt).toBe(now.toISOString());
    expect(touch(ledger, reference, now, 2 * hour)).toBe(ledger);
    expect(touch(of(), reference, now, hour)).toEqual(of());
  });

  test.each([
    ["wanted", (ledger: Ledger) => touch(ledger, reference, now, hour)],
    ["built", (ledger: Ledger) => beginBuild(ledger, reference, now)],
    ["recorded", (ledger: Ledger) => finishBuild(ledger, reference, "sha256:b", now)],
  ])("what is being deleted has to wait before it is %s, but not for a collector that died", (_, change) => {
    expect(change(of([reference, going(1_000)]))).toBe("wait");
    expect(change(of([reference, going(takeOverMs)]))).not.toBe("wait");
  });

  test("a push waits where another tag of the repository takes the same manifest along", () => {
    expect(finishBuild(of([other, going(1_000)]), reference, "sha256:a", now)).toBe("wait");
    expect(finishBuild(of([other, going(1_000)]), reference, "sha256:b", now)).not.toBe("wait");
    expect(finishBuild(of(["r.test/p/42/api:g-1", going(1_000)]), reference, "sha256:a", now)).not.toBe("wait");
  });

  test("a tag that is pushed again remembers what it had, once", () => {
    const building = beginBuild(of([reference, { ...kept, mergedAt: ago(0) }]), reference, now);
    expect(entryIn(building)).toMatchObject({ state: "building", older: ["sha256:a"], mergedAt: ago(0) });
    if (building === "wait") throw new Error("nothing is being deleted");
    expect(digestsOf(entryIn(finishBuild(building, reference, "sha256:b", now)) ?? kept)).toEqual([
      "sha256:b",
      "sha256:a",
    ]);
    const same = entryIn(finishBuild(building, reference, "sha256:a", now));
    expect(same).toMatchObject({ state: "kept", digest: "sha256:a" });
    expect(same?.older).toBeUndefined();
  });

  test("a cache is known by its tag alone, and nobody waits for it", () => {
    const cache = "r.test/p/42/web:cache";
    const made = keepCache(of(), cache, now, hour);
    expect(made.get(cache)).toEqual({ state: "kept", since: ago(0), usedAt: ago(0) });
    expect(keepCache(made, cache, now, hour)).toBe(made);
    const deleting = of([cache, going(1_000)]);
    expect(keepCache(deleting, cache, now, hour)).toBe(deleting);
  });

  test("what was merged is marked, what is not there is not invented, and said again it changes nothing", () => {
    const marked = markMerged(of([reference, kept]), [reference, other], now);
    expect([...marked]).toEqual([[reference, { ...kept, mergedAt: now.toISOString() }]]);
    expect(markMerged(marked, [reference], now)).toBe(marked);
  });
});
