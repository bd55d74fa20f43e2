import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Registry } from "../../src/ports/registry.ts";

export type RegistrySetup = {
  registry: Registry;
  /** Puts an image of this content under a reference; resolves with its digest. */
  push(reference: string, content: string): Promise<string>;
  close(): Promise<void>;
};

function soon(): Date {
  return new Date(Date.now() + 15_000);
}

/** What every registry has to do. */
export function registryContract(name: string, setUp: () => Promise<RegistrySetup>): void {
  describe(`Registry: ${name}`, () => {
    let setup: RegistrySetup;
    beforeAll(async () => {
      setup = await setUp();
    });
    afterAll(() => setup.close());
    const never = new AbortController().signal;
    // Of this run alone, since a real registry keeps what it has.
    const repositoryId = Date.now();

    test("knows the digest of what was pushed, and follows a tag that moves", async () => {
      const reference = `${setup.registry.repository(repositoryId, "shop/web")}:g-1`;
      const first = await setup.push(reference, "one");
      expect(await setup.registry.digest(reference, never)).toBe(first);
      const second = await setup.push(reference, "two");
      expect(second).not.toBe(first);
      expect(await setup.registry.digest(reference, never)).toBe(second);
    });

    test("knows no digest of an image or tag that is not there", async () => {
      const repository = setup.registry.repository(repositoryId, "shop/api");
      expect(await setup.registry.digest(`${repository}:g-1`, never)).toBeUndefined();
      await setup.push(`${repository}:g-1`, "x");
      expect(await setup.registry.digest(`${repository}:g-2`, never)).toBeUndefined();
    });

    test("knows a manifest by its digest, also when the tag has moved on", async () => {
      const repository = setup.registry.repository(repositoryId, "moved");
      const first = await setup.push(`${repository}:g-1`, "one");
      await setup.push(`${repository}:g-1`, "two");
      expect(await setup.registry.digest(`${repository}@${first}`, never)).toBe(first);
      expect(await setup.registry.digest(`${repository}@sha256:${"0".repeat(64)}`, never)).toBeUndefined();
    });

    test("deletes a manifest with all its tags, and nothing else", async () => {
      const repository = setup.registry.repository(repositoryId, "deleted");
      const elsewhere = setup.registry.repository(repositoryId, "kept");
      const digest = await setup.push(`${repository}:g-1`, "one");
      await setup.push(`${repository}:g-2`, "one");
      const other = await setup.push(`${repository}:g-3`, "three");
      await setup.push(`${elsewhere}:g-1`, "one");
      await setup.registry.delete(repository, digest, soon(), never);
      expect(await setup.registry.digest(`${repository}:g-1`, never)).toBeUndefined();
      expect(await setup.registry.digest(`${repository}:g-2`, never)).toBeUndefined();
      expect(await setup.registry.digest(`${repository}@${digest}`, never)).toBeUndefined();
      expect(await setup.registry.digest(`${repository}:g-3`, never)).toBe(other);
      expect(await setup.registry.digest(`${elsewhere}:g-1`, never)).toBe(digest);
    });

    test("deleting what is gone, or never was, is fine, and it can be pushed again", async () => {
      const repository = setup.registry.repository(repositoryId, "again");
      const digest = await setup.push(`${repository}:g-1`, "one");
      await setup.registry.delete(repository, digest, soon(), never);
      await setup.registry.delete(repository, digest, soon(), never);
      await setup.registry.delete(setup.registry.repository(repositoryId, "nowhere"), digest, soon(), never);
      expect(await setup.push(`${repository}:g-1`, "one")).toBe(digest);
      expect(await setup.registry.digest(`${repository}:g-1`, never)).toBe(digest);
      expect(await setup.registry.digest(`${repository}@${digest}`, never)).toBe(digest);
    });

    test("deletes nothing that comes too late", async () => {
      const repository = setup.registry.repository(repositoryId, "late");
      const digest = await setup.push(`${repository}:g-1`, "one");
      const deleting = setup.registry.delete(repository, digest, new Date(Date.now() - 1), never);
      await expect(deleting).rejects.toMatchObject({ failure: { kind: "transient" } });
      expect(await setup.registry.digest(`${repository}:g-1`, never)).toBe(digest);
    });

    test("keeps repositories and images apart, by names that a registry takes", () => {
      const names = [
        setup.registry.repository(1, "web"),
        setup.registry.repository(2, "web"),
        setup.registry.repository(1, "api"),
        setup.registry.repository(1, "shop/Web_2.x"),
      ];
      expect(new Set(names).size).toBe(names.length);
      for (const each of names) expect(each).toMatch(/^[a-z0-9.]+(:\d+)?(\/[a-z0-9]+([._-][a-z0-9]+)*)+$/);
    });

    test("gives pods credentials for itself and nothing else", async () => {
      const secret: unknown = JSON.parse((await setup.registry.pullSecret(never)) ?? "{}");
      const [host = ""] = setup.registry.repository(1, "web").split("/");
      expect(secret).toEqual({ auths: { [host]: expect.objectContaining({ auth: expect.any(String) }) } });
    });

    test("an abort ends it with the signal's reason", async () => {
      const reference = `${setup.registry.repository(repositoryId, "web")}:g-1`;
      const stopped = AbortSignal.abort(new Error("superseded"));
      await expect(setup.registry.digest(reference, stopped)).rejects.toThrow("superseded");
    });
  });
}
