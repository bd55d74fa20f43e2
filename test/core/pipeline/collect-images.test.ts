import { beforeEach, describe, expect, test } from "vitest";
import type { LedgerEntry } from "../../../src/images/ledger.ts";
import { collectImages, type CollectorWorld } from "../../../src/pipeline/collect-images.ts";
import { FailureError } from "../../../src/preview/failure.ts";
import type { PreviewKey } from "../../../src/preview/key.ts";
import { files, smallWorld } from "./small-world.ts";

const never = new AbortController().signal;
const day = 86_400_000;

describe("collecting images", () => {
  let small: ReturnType<typeof smallWorld>;
  beforeEach(() => {
    small = smallWorld();
  });
  const collect = async (changes: Partial<CollectorWorld> = {}) => {
    await collectImages({ ...small.world, ...changes }, never);
  };
  const tags = () => [...small.registry.images.keys()].map((reference) => reference.replace(/^.*:/, ""));
  const entries = (repositoryId: number) => [...(small.ledger.ledgers.get(repositoryId) ?? [])];
  const opened = async (): Promise<PreviewKey> => {
    const key = await small.github.open();
    await small.look(key);
    return key;
  };
  /** An entry of long ago, and its image in the registry. */
  const put = (repositoryId: number, tag: string, content: string | undefined, changes: Partial<LedgerEntry> = {}) => {
    const reference = `${small.registry.repository(repositoryId, "web")}:${tag}`;
    const digest = content === undefined ? undefined : small.registry.push(reference, content);
    const long = new Date(small.clock.now().getTime() - 30 * day).toISOString();
    const entry: LedgerEntry = { state: "kept", since: long, usedAt: long, digest, ...changes };
    const ledger = new Map(small.ledger.ledgers.get(repositoryId)).set(reference, entry);
    small.ledger.ledgers.set(repositoryId, ledger);
    return reference;
  };

  test("what a preview uses stays, and goes when it has been gone for the time of grace", async () => {
    const key = await opened();
    await small.clock.advance(30 * day);
    await collect();
    expect(tags()).toHaveLength(1);
    await small.github.close(key);
    await small.look(key);
    await collect();
    expect(tags()).toHaveLength(1);
    await small.clock.advance(8 * day);
    await collect();
    expect(tags()).toEqual([]);
    expect([...small.registry.manifests]).toEqual([]);
    expect([...small.ledger.ledgers.keys()]).toEqual([]);
  });

  test("an image that was collected is built again", async () => {
    const first = await opened();
    await small.github.close(first);
    await small.look(first);
    await small.clock.advance(8 * day);
    await collect();
    const second = await opened();
    expect((await small.record(second)).status).toMatchObject({ phase: "Ready", images: [{ outcome: "built" }] });
    expect(tags()).toHaveLength(1);
  });

  test("what was ready before stays while a later commit fails", async () => {
    const key = await opened();
    await small.github.push(key);
    small.contents.set(await small.head(key), { ...files, Dockerfile: "FROM busybox:1.37\nRUN exit 3\n" });
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Failed");
    await small.clock.advance(30 * day);
    await collect();
    expect(tags()).toHaveLength(1);
  });

  test("what was merged stays for two weeks", async () => {
    const key = await opened();
    await small.github.change(key, { state: "closed", merged: true });
    await small.look(key);
    await small.clock.advance(13 * day);
    await collect();
    expect(tags()).toHaveLength(1);
    await small.clock.advance(2 * day);
    await collect();
    expect(tags()).toEqual([]);
  });

  test("a tag whose worker died while pushing goes, once no build can take so long", async () => {
    const now = small.clock.now().toISOString();
    put(7, "orphan", "half", { state: "building", since: now, usedAt: now, digest: undefined });
    put(7, "never-pushed", undefined, { state: "building", since: now, usedAt: now });
    await collect();
    expect(entries(7)).toHaveLength(2);
    await small.clock.advance(3_600_000);
    await collect();
    expect(entries(7)).toEqual([]);
    expect(tags()).toEqual([]);
  });

  test("a manifest goes with the last of its tags, and with it what the tags had before", async () => {
    const now = small.clock.now().toISOString();
    put(7, "used", "same", { usedAt: now });
    put(7, "old", "same");
    const before = small.registry.push(`${small.registry.repository(7, "web")}:moved`, "before");
    put(7, "moved", "after", { older: [before] });
    await collect();
    expect(entries(7)).toHaveLength(1);
    expect(tags().toSorted()).toEqual(["old", "used"]);
    await small.clock.advance(8 * day);
    await collect();
    expect([...small.registry.manifests]).toEqual([]);
    expect(tags()).toEqual([]);
  });

  test("what Greenroom did not push is never touched", async () => {
    small.registry.push(`${small.registry.repository(7, "web")}:somebody's`, "theirs");
    put(7, "old", "ours");
    await collect();
    expect(tags()).toEqual(["somebody's"]);
  });

  test("without a time of grace nothing is collected", async () => {
    put(7, "old", "ours");
    await collect({ rules: { images: { graceMs: 0, buildMs: 60_000 } } });
    expect(tags()).toEqual(["old"]);
  });

  test("a registry that does not delete is told of once, and what it keeps can be used", async () => {
    for (const tag of ["a", "b", "c"]) put(7, tag, tag);
    put(8, "d", "d");
    const errors: string[] = [];
    const failure = {
      kind: "operator" as const,
      code: "registry-deletion-refused",
      what: "It does not delete.",
      remedy: "Switch it on.",
    };
    await collect({
      registry: {
        ...small.registry,
        delete: async () => {
          throw new FailureError(failure);
        },
      },
      log: { ...small.world.log, error: (_, message) => void errors.push(message) },
    });
    expect(errors).toEqual(["It does not delete. Switch it on."]);
    expect([...entries(7), ...entries(8)].map(([, { state }]) => state)).toEqual(["kept", "kept", "kept", "kept"]);
  });

  test("a collector that died is followed by the next one, two minutes later", async () => {
    const began = small.clock.now().toISOString();
    put(7, "old", "ours", { state: "deleting", since: began, collector: "dead" });
    await collect();
    expect(tags()).toEqual(["old"]);
    await small.clock.advance(121_000);
    await collect();
    expect(tags()).toEqual([]);
    expect(entries(7)).toEqual([]);
  });

  test("the trouble of one repository stops no other", async () => {
    put(7, "old", "ours");
    put(8, "old", "ours");
    const warnings: string[] = [];
    await collect({
      ledger: {
        ...small.ledger,
        read: async (repositoryId, signal) => {
          if (repositoryId === 7) throw new Error("unreadable");
          return await small.ledger.read(repositoryId, signal);
        },
      },
      log: { ...small.world.log, warn: (_, message) => void warnings.push(message) },
    });
    expect(warnings).toHaveLength(1);
    expect(entries(7)).toHaveLength(1);
    expect(entries(8)).toEqual([]);
  });
});
