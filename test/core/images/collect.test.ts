import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { condemn, condemnedBy, due, ownDigests, refreshed, settle } from "../../../src/images/collect.ts";
import { digestsOf, type Ledger, type LedgerEntry, repositoryOf } from "../../../src/images/ledger.ts";

const now = new Date("2026-01-10T00:00:00.000Z");
const hour = 3_600_000;
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds).toISOString();
const rules = { graceMs: 10 * hour, buildMs: hour };
const nobody: ReadonlySet<string> = new Set();
const unused: LedgerEntry = { state: "kept", since: ago(11 * hour), usedAt: ago(11 * hour), digest: "sha256:a" };

function dueWith(changes: Partial<LedgerEntry>, named: ReadonlySet<string> = nobody): boolean {
  return due(new Map([["r/web:1", { ...unused, ...changes }]]), now, rules, named).length > 0;
}

describe("what is due", () => {
  test.each<[string, Partial<LedgerEntry>, string[], boolean]>([
    ["unused", {}, [], true],
    ["used within the time of grace", { usedAt: ago(9 * hour) }, [], false],
    ["named by its tag", {}, ["r/web:1"], false],
    ["named by its digest", {}, ["r/web@sha256:a"], false],
    ["named by a digest it had before", { older: ["sha256:b"] }, ["r/web@sha256:b"], false],
    ["named by a digest of another repository", {}, ["r/api@sha256:a"], true],
    ["merged two days ago", { mergedAt: ago(48 * hour) }, [], false],
    ["merged a month ago", { mergedAt: ago(30 * 24 * hour) }, [], true],
    ["being built", { state: "building", since: ago(hour), digest: undefined }, [], false],
    ["left by a build", { state: "building", since: ago(2 * hour), digest: undefined }, [], true],
    ["being deleted", { state: "deleting", since: ago(1_000) }, [], false],
    ["left by a collector", { state: "deleting", since: ago(hour) }, [], true],
    ["left by a collector, and named", { state: "deleting", since: ago(hour) }, ["r/web:1"], true],
  ])("%s", (_, changes, named, expected) => {
    expect(dueWith(changes, new Set(named))).toBe(expected);
  });

  test("where a ledger is nearly full, the time of grace is short for those that were used least lately", () => {
    const entries = Array.from({ length: 1_600 }, (_, index): [string, LedgerEntry] => [
      `r/web:${index}`,
      { ...unused, usedAt: ago(2 * hour + index), digest: `sha256:${index}` },
    ]);
    const found = due(new Map(entries), now, rules, nobody);
    expect(found.toSorted()).toEqual(
      entries
        .slice(1_500)
        .map(([reference]) => reference)
        .toSorted(),
    );
  });

  test("what is in use is noted as used, now and then", () => {
    const named = new Set(["r/web:1"]);
    const ledger: Ledger = new Map([["r/web:1", unused]]);
    expect(refreshed(ledger, now, rules, named).get("r/web:1")?.usedAt).toBe(now.toISOString());
    expect(refreshed(ledger, now, rules, nobody)).toBe(ledger);
    const fresh: Ledger = new Map([["r/web:1", { ...unused, usedAt: ago(hour) }]]);
    expect(refreshed(fresh, now, rules, named)).toBe(fresh);
  });
});

describe("deleting", () => {
  const entry: fc.Arbitrary<LedgerEntry> = fc.record({
    state: fc.constantFrom("kept", "building", "deleting"),
    since: fc.constantFrom(ago(1_000), ago(5 * hour)),
    usedAt: fc.constantFrom(ago(1_000), ago(11 * hour)),
    digest: fc.constantFrom("sha256:a", "sha256:b", undefined),
    older: fc.constantFrom(["sha256:a"], ["sha256:c"], undefined),
    collector: fc.constantFrom("other", undefined),
  });
  const ledgers = fc
    .dictionary(fc.constantFrom("r/web:1", "r/web:2", "r/web:3", "r/api:1"), entry)
    .map((entries): Ledger => new Map(Object.entries(entries)));

  test("no digest goes that something which stays has, or that another collector may spare", () => {
    fc.assert(
      fc.property(
        ledgers,
        fc.uniqueArray(fc.constantFrom<string>("r/web:1", "r/web:2", "r/web:3")),
        (ledger, wanted) => {
          const references = due(ledger, now, rules, nobody);
          const ours = condemn(ledger, { references, collector: "own", resolved: new Map() }, now, rules, nobody);
          const condemned = condemnedBy(ours, "own");
          const spared = new Set(wanted.filter((each) => condemned.some(([reference]) => reference === each)));
          const goes = condemned
            .filter(([reference]) => !spared.has(reference))
            .flatMap(([reference, each]) =>
              ownDigests(ours, reference, each, spared).map((digest) => `${repositoryOf(reference)}@${digest}`),
            );
          const own = new Set(condemned.map(([reference]) => reference).filter((each) => !spared.has(each)));
          for (const [reference, each] of ours) {
            if (own.has(reference)) continue;
            for (const digest of digestsOf(each)) expect(goes).not.toContain(`${repositoryOf(reference)}@${digest}`);
          }
          const after = settle(ours, "own", { deleted: own, spared }, now);
          expect(condemnedBy(after, "own")).toEqual([]);
          for (const reference of spared) expect(after.get(reference)?.state).not.toBe("deleting");
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test.each<[string, Partial<LedgerEntry>]>([
    ["was used", { usedAt: ago(0) }],
    ["was merged", { mergedAt: ago(0) }],
    ["is built again", { state: "building", since: ago(0), usedAt: ago(0) }],
    ["is deleted by another one", { state: "deleting", since: ago(0), collector: "other" }],
  ])("what %s since it was chosen is left alone", (_, changes) => {
    const ledger: Ledger = new Map([["r/web:1", { ...unused, ...changes }]]);
    const condemning = { references: ["r/web:1"], collector: "own", resolved: new Map<string, string>() };
    expect(condemn(ledger, condemning, now, rules, nobody)).toBe(ledger);
  });

  test("what shares with one that is left out for its sharing is left out too", () => {
    const begun = (since: string, ...older: string[]): LedgerEntry => ({
      ...unused,
      state: "deleting",
      since,
      older,
      collector: "other",
    });
    const ledger: Ledger = new Map([
      ["r/web:1", { ...unused, digest: "sha256:c" }],
      // Its collector died; it shares one manifest with the first, and another with what is being deleted right now.
      ["r/web:2", begun(ago(hour), "sha256:c")],
      ["r/web:3", begun(ago(1_000))],
    ]);
    const references = due(ledger, now, rules, nobody);
    expect(references.toSorted()).toEqual(["r/web:1", "r/web:2"]);
    const condemning = { references, collector: "own", resolved: new Map<string, string>() };
    expect(condemn(ledger, condemning, now, rules, nobody)).toBe(ledger);
  });

  test("what the registry has under a tag that nobody recorded goes, and is never trusted", () => {
    const ledger: Ledger = new Map([["r/web:1", { ...unused, state: "building", digest: undefined }]]);
    const condemning = { references: ["r/web:1"], collector: "own", resolved: new Map([["r/web:1", "sha256:x"]]) };
    const condemned = condemn(ledger, condemning, now, rules, nobody);
    const [reference = "", found = unused] = condemnedBy(condemned, "own")[0] ?? [];
    expect(ownDigests(condemned, reference, found, nobody)).toEqual(["sha256:x"]);
    const spared = settle(condemned, "own", { deleted: nobody, spared: new Set(["r/web:1"]) }, now);
    expect(spared.get("r/web:1")).toMatchObject({ state: "building", older: ["sha256:x"] });
    expect(spared.get("r/web:1")?.digest).toBeUndefined();
  });

  test.each<[string, LedgerEntry]>([
    ["nothing in the registry", { ...unused, state: "building", digest: undefined }],
    ["no manifest of its own", unused],
  ])("what has %s is not forgotten before the records were read again", (_, before) => {
    const other: LedgerEntry = { ...unused, usedAt: ago(0) };
    const ledger: Ledger = new Map([
      ["r/web:1", before],
      ["r/web:2", other],
    ]);
    const condemning = { references: ["r/web:1"], collector: "own", resolved: new Map<string, string>() };
    const condemned = condemn(ledger, condemning, now, rules, nobody);
    expect(condemned.get("r/web:1")?.state).toBe("deleting");
    expect(ownDigests(condemned, "r/web:1", condemned.get("r/web:1") ?? before, nobody)).toEqual([]);
    const wanted = settle(condemned, "own", { deleted: nobody, spared: new Set(["r/web:1"]) }, now);
    expect(wanted.get("r/web:1")?.state).toBe(before.state);
    const unwanted = settle(condemned, "own", { deleted: new Set(["r/web:1"]), spared: nobody }, now);
    expect([...unwanted]).toEqual([["r/web:2", other]]);
  });
});
