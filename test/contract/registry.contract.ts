import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Registry } from "../../src/ports/registry.ts";

export type RegistrySetup = {
  registry: Registry;
  /** Puts an image of this content under a reference; resolves with its digest. */
  push(reference: string, content: string): Promise<string>;
  close(): Promise<void>;
};

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
