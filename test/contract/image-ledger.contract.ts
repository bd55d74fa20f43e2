import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ledger, LedgerEntry } from "../../src/images/ledger.ts";
import type { ImageLedger } from "../../src/ports/image-ledger.ts";

export type ImageLedgerSetup = {
  ledger: ImageLedger;
  /** Ids of repositories that nothing else uses. */
  repositoryId(): number;
  close(): Promise<void>;
};

const never = new AbortController().signal;
const at = "2026-01-01T00:00:00.000Z";
const kept: LedgerEntry = { state: "kept", since: at, usedAt: at, digest: `sha256:${"a".repeat(64)}` };

function put(reference: string, entry: LedgerEntry): (ledger: Ledger) => Ledger {
  return (ledger) => new Map(ledger).set(reference, entry);
}

function clear(): Ledger {
  return new Map();
}

function count(ledger: Ledger): Ledger {
  const before = Number(ledger.get("r/count:1")?.digest ?? "0");
  return new Map(ledger).set("r/count:1", { ...kept, digest: String(before + 1) });
}

/** What every image ledger has to do. */
export function imageLedgerContract(name: string, setUp: () => Promise<ImageLedgerSetup>): void {
  describe(`ImageLedger: ${name}`, () => {
    let setup: ImageLedgerSetup;
    beforeAll(async () => {
      setup = await setUp();
    });
    afterAll(() => setup.close());

    test("has nothing of a repository that it does not know", async () => {
      expect(await setup.ledger.read(setup.repositoryId(), never)).toEqual(new Map());
    });

    test("keeps every field of an entry, under the very reference", async () => {
      const id = setup.repositoryId();
      const entry: LedgerEntry = {
        ...kept,
        state: "deleting",
        older: [`sha256:${"b".repeat(64)}`],
        mergedAt: at,
        collector: "c",
      };
      const written = await setup.ledger.update(id, put("registry.test:5000/a/b_c.d:g-1", entry), never);
      expect(written).toEqual(new Map([["registry.test:5000/a/b_c.d:g-1", entry]]));
      expect(await setup.ledger.read(id, never)).toEqual(written);
      await setup.ledger.update(id, clear, never);
    });

    test("removes entries and fields, and forgets a repository without entries", async () => {
      const id = setup.repositoryId();
      await setup.ledger.update(id, put("r/a:1", { ...kept, mergedAt: at }), never);
      await setup.ledger.update(id, put("r/b:1", kept), never);
      expect(await setup.ledger.repositories(never)).toContain(id);
      await setup.ledger.update(id, put("r/a:1", { state: "building", since: at, usedAt: at }), never);
      await setup.ledger.update(
        id,
        (ledger) => new Map([...ledger].filter(([reference]) => reference !== "r/b:1")),
        never,
      );
      const left = await setup.ledger.read(id, never);
      expect([...left]).toEqual([["r/a:1", { state: "building", since: at, usedAt: at }]]);
      await setup.ledger.update(id, clear, never);
      expect(await setup.ledger.repositories(never)).not.toContain(id);
      expect(await setup.ledger.read(id, never)).toEqual(new Map());
      await setup.ledger.update(id, put("r/a:1", kept), never);
      expect(await setup.ledger.read(id, never)).toEqual(new Map([["r/a:1", kept]]));
      await setup.ledger.update(id, clear, never);
    });

    test("loses no change of many who write at once, and never acts on what is no longer so", async () => {
      const id = setup.repositoryId();
      const writers = Array.from({ length: 12 }, (_, index) => index);
      await Promise.all([
        ...writers.map((each) => setup.ledger.update(id, put(`r/image:${each}`, kept), never)),
        ...writers.map(() => setup.ledger.update(id, count, never)),
      ]);
      const ledger = await setup.ledger.read(id, never);
      expect(ledger.size).toBe(13);
      expect(ledger.get("r/count:1")?.digest).toBe("12");
      await setup.ledger.update(id, clear, never);
    });

    test("a change that changes nothing writes nothing", async () => {
      const id = setup.repositoryId();
      await setup.ledger.update(id, (ledger) => ledger, never);
      expect(await setup.ledger.repositories(never)).not.toContain(id);
    });

    test("an abort ends it with the signal's reason", async () => {
      const stopped = AbortSignal.abort(new Error("superseded"));
      const id = setup.repositoryId();
      await expect(setup.ledger.update(id, put("r/a:1", kept), stopped)).rejects.toThrow("superseded");
      expect(await setup.ledger.read(id, never)).toEqual(new Map());
    });
  });
}
