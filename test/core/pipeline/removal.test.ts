import { afterEach, describe, expect, test } from "vitest";
import { smallWorld, type SmallWorldOptions } from "./small-world.ts";

let small: ReturnType<typeof smallWorld>;
const start = (options: SmallWorldOptions = {}) => {
  small = smallWorld(options);
};
afterEach(() => {
  small.checkouts.close();
});

async function opened() {
  const key = await small.github.open();
  await small.look(key);
  return { key };
}

describe("removal", () => {
  test("what holds the namespace is said, tried again, and in the end everything is gone", async () => {
    let holder: string | undefined = "acme.example/backup";
    start({ cluster: { heldBy: () => holder } });
    const { key } = await opened();
    await small.github.close(key);
    await expect(small.look(key)).rejects.toMatchObject({ failure: { kind: "transient", code: "namespace-held" } });
    expect(await small.comment(key)).toContain("being removed");
    expect(await small.comment(key)).toContain("acme.example/backup");
    const before = small.github.calls.length;
    await expect(small.look(key)).rejects.toMatchObject({ failure: { kind: "transient" } });
    expect(small.github.calls.slice(before)).toEqual(["read"]);
    holder = undefined;
    await small.look(key);
    await expect(small.record(key)).rejects.toThrow("there is no record");
    expect(await small.comment(key)).toContain("removed");
  });

  test("opened again while it was being removed, it is removed and made anew", async () => {
    let holder: string | undefined = "acme.example/backup";
    start({ cluster: { heldBy: () => holder } });
    const { key } = await opened();
    const { uid } = await small.record(key);
    await small.github.close(key);
    await expect(small.look(key)).rejects.toMatchObject({ failure: { kind: "transient" } });
    await small.github.reopen(key);
    holder = undefined;
    await small.look(key);
    expect(small.asked).toEqual([key]);
    await small.look(key);
    const record = await small.record(key);
    expect(record.status.phase).toBe("Ready");
    expect(record.uid).not.toBe(uid);
  });
});
