import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Records } from "../../src/ports/records.ts";
import { SupersededError } from "../../src/ports/records.ts";
import { FailureError } from "../../src/preview/failure.ts";
import type { PreviewKey } from "../../src/preview/key.ts";
import type { Preview, PreviewSpec } from "../../src/preview/preview.ts";

export type RecordsHarness = {
  records: Records;
  /** Deletes a record as a person does. */
  deleteByHand(name: string): Promise<void>;
  dispose(): Promise<void>;
};

const signal = new AbortController().signal;
const commit = "a".repeat(40);

const specOf = (key: PreviewKey): PreviewSpec => ({
  repository: { ...key.repository, fullName: "acme/shop" },
  pullRequest: key.number,
  installation: key.installation,
  want: "running",
});

/** What every store of records has to do. */
export function recordsContract(name: string, start: () => Promise<RecordsHarness>): void {
  describe(`the records ${name}`, () => {
    let harness: RecordsHarness;
    let records: Records;
    let used = 0;
    const made: Preview[] = [];

    beforeAll(async () => {
      harness = await start();
      records = harness.records;
    });
    afterAll(async () => {
      for (const preview of made) await records.remove(preview, signal);
      await harness.dispose();
    });

    const freshKey = (): PreviewKey => {
      used += 1;
      return { installation: 7, repository: { id: 4_000_000 + used, nodeId: `R_${used}` }, number: used };
    };
    const ensure = async (key: PreviewKey, names?: string[]) => {
      const preview = await records.ensure(key, names ?? [`contract-${key.number}`], specOf(key), signal);
      made.push(preview);
      return preview;
    };

    test("finds nothing where there is nothing", async () => {
      expect(await records.find(freshKey(), signal)).toBeUndefined();
    });

    test("makes a record once and finds it by its key", async () => {
      const key = freshKey();
      const first = await ensure(key);
      const again = await ensure(key, ["another-name"]);
      expect(again).toMatchObject({ name: first.name, uid: first.uid });
      expect(await records.find(key, signal)).toMatchObject({
        name: `contract-${key.number}`,
        uid: first.uid,
        deleting: false,
        spec: specOf(key),
        status: {},
      });
    });

    test("finds it however the repository is reached or called now", async () => {
      const key = freshKey();
      const { uid } = await ensure(key);
      const moved = { ...key, installation: 8, repository: { ...key.repository, nodeId: "R_other" } };
      expect(await records.find(moved, signal)).toMatchObject({ uid });
      expect(await records.find({ ...key, number: key.number + 1_000 }, signal)).toBeUndefined();
    });

    test("takes the next name where another pull request has the first", async () => {
      const [one, other, third] = [freshKey(), freshKey(), freshKey()];
      await ensure(one, ["contract-shared"]);
      expect(await ensure(other, ["contract-shared", "contract-shared-2"])).toMatchObject({
        name: "contract-shared-2",
      });
      const refused = ensure(third, ["contract-shared", "contract-shared-2"]);
      await expect(refused).rejects.toSatisfy(
        (error) => error instanceof FailureError && error.failure.kind === "operator",
      );
    });

    test("many that make the same record at once get one", async () => {
      const key = freshKey();
      const all = await Promise.all(Array.from({ length: 5 }, () => ensure(key)));
      expect(new Set(all.map(({ uid }) => uid)).size).toBe(1);
    });

    test("each claim is an attempt of its own, also at once and from an old reading", async () => {
      const preview = await ensure(freshKey());
      const claims = await Promise.all(Array.from({ length: 5 }, () => records.claim(preview, signal)));
      expect(new Set(claims.map(({ status }) => status.attempt))).toEqual(new Set([1, 2, 3, 4, 5]));
    });

    test("a report changes what it names, as a whole, and removes what it says is undefined", async () => {
      const claimed = await records.claim(await ensure(freshKey()), signal);
      const failure = { kind: "user", code: "x", what: "w", remedy: "r", evidence: "old" } as const;
      await records.report(claimed, { phase: "Failed", reason: "because", failure, observedCommit: commit }, signal);
      const newer = { kind: "user", code: "y", what: "w", remedy: "r" } as const;
      const written = await records.report(claimed, { failure: newer, reason: undefined }, signal);
      expect(written.status).toStrictEqual({ attempt: 1, phase: "Failed", failure: newer, observedCommit: commit });
      expect((await records.list()).length).toBeGreaterThan(0);
    });

    test("only the newest attempt may report", async () => {
      const preview = await ensure(freshKey());
      const first = await records.claim(preview, signal);
      const second = await records.claim(preview, signal);
      await expect(records.report(first, { phase: "Ready" }, signal)).rejects.toThrow(SupersededError);
      await expect(records.report(preview, { phase: "Ready" }, signal)).rejects.toThrow(SupersededError);
      expect((await records.report(second, { phase: "Ready" }, signal)).status.phase).toBe("Ready");
    });

    test("what people asked for is changed without an attempt, beside what attempts write", async () => {
      const preview = await ensure(freshKey());
      const claimed = await records.claim(preview, signal);
      const repository = { ...preview.spec.repository, fullName: "acme/store" };
      // Nothing that a worker beside this would act upon at once.
      const keepUntil = "2027-01-01T00:00:00Z";
      await records.amend(preview, { repository, keepUntil, approvedCommit: commit }, signal);
      const reported = await records.report(claimed, { phase: "Ready" }, signal);
      expect(reported.spec).toStrictEqual({ ...preview.spec, repository, keepUntil, approvedCommit: commit });
      const amended = await records.amend(reported, { approvedCommit: undefined }, signal);
      expect(amended.spec).toStrictEqual({ ...preview.spec, repository, keepUntil });
      expect(amended.status).toStrictEqual({ attempt: 1, phase: "Ready" });
    });

    test("what is asked for of a record that is gone is refused", async () => {
      const preview = await ensure(freshKey());
      await records.remove(preview, signal);
      await expect(records.amend(preview, { want: "stopped" }, signal)).rejects.toThrow(SupersededError);
    });

    test.each(["listFresh", "listCaughtUp"] as const)("%s has every write that was answered before", async (list) => {
      const preview = await ensure(freshKey());
      const listed = async () => (await records[list](signal)).find(({ uid }) => uid === preview.uid);
      expect(await listed()).toMatchObject({ status: {} });
      const claimed = await records.claim(preview, signal);
      await records.report(claimed, { phase: "Building" }, signal);
      expect(await listed()).toMatchObject({ status: { phase: "Building" } });
      await records.remove(claimed, signal);
      expect(await listed()).toBeUndefined();
    });

    test("a record deleted by hand stays to be torn down", async () => {
      const key = freshKey();
      const preview = await ensure(key);
      await harness.deleteByHand(preview.name);
      const found = await records.find(key, signal);
      expect(found).toMatchObject({ uid: preview.uid, deleting: true });
      const claimed = await records.claim(preview, signal);
      await records.report(claimed, { phase: "Removing" }, signal);
      await records.remove(preview, signal);
      expect(await records.find(key, signal)).toBeUndefined();
    });

    test("a removed record is gone, for its attempts too, and its name is free", async () => {
      const key = freshKey();
      const preview = await ensure(key);
      const claimed = await records.claim(preview, signal);
      await records.remove(claimed, signal);
      await records.remove(claimed, signal);
      await expect(records.claim(preview, signal)).rejects.toThrow(SupersededError);
      const next = await ensure(key);
      expect(next.name).toBe(preview.name);
      // The old attempt neither claims, writes nor removes the new record, though its number is the same.
      await records.claim(next, signal);
      await expect(records.claim(claimed, signal)).rejects.toThrow(SupersededError);
      await expect(records.report(claimed, { phase: "Ready" }, signal)).rejects.toThrow(SupersededError);
      await records.remove(claimed, signal);
      expect(await records.find(key, signal)).toMatchObject({ uid: next.uid, status: { attempt: 1 } });
    });

    test("what a comment asks for is written once, whoever comes late", async () => {
      const preview = await ensure(freshKey());
      const lastComment = { id: 7, createdAt: "2026-01-01T00:00:00Z", done: "rocket" as const };
      const stopped = await records.amend(preview, { want: "stopped", lastComment }, signal);
      for (const id of [6, 7]) {
        const late = records.amend(preview, { want: "asleep", lastComment: { ...lastComment, id } }, signal);
        await expect(late).rejects.toThrow(SupersededError);
      }
      const next = await records.amend(stopped, { want: "running", lastComment: { ...lastComment, id: 8 } }, signal);
      expect(next.spec).toMatchObject({ want: "running", lastComment: { id: 8 } });
    });

    test("what somebody else has changed since it was read is not overwritten; what is beside it is no matter", async () => {
      const read = await ensure(freshKey());
      const stopped = await records.amend(read, { want: "stopped", traits: "one" }, signal);
      await expect(records.amend(read, { want: "asleep", keep: true }, signal)).rejects.toThrow(SupersededError);
      expect((await records.amend(read, { keep: true }, signal)).spec).toMatchObject({ want: "stopped", keep: true });
      // Whoever does not know whether it was done may do it once more.
      const again = await records.amend(read, { want: "stopped" }, signal);
      expect(again.spec).toMatchObject({ want: "stopped", keep: true });
      expect((await records.amend(stopped, { want: "running" }, signal)).spec.want).toBe("running");
    });

    test("the list follows", async () => {
      const preview = await ensure(freshKey());
      const listed = async () => (await records.list()).find(({ uid }) => uid === preview.uid);
      await vi.waitFor(async () => expect(await listed()).toBeDefined(), { timeout: 5_000 });
      await records.report(await records.claim(preview, signal), { phase: "Ready" }, signal);
      await vi.waitFor(async () => expect((await listed())?.status.phase).toBe("Ready"), { timeout: 5_000 });
      await records.remove(preview, signal);
      await vi.waitFor(async () => expect(await listed()).toBeUndefined(), { timeout: 5_000 });
    });

    test("an aborted call writes nothing", async () => {
      const key = freshKey();
      const stop = AbortSignal.abort(new Error("stop"));
      await expect(records.ensure(key, [`contract-${key.number}`], specOf(key), stop)).rejects.toThrow("stop");
      expect(await records.find(key, signal)).toBeUndefined();
    });
  });
}
