import { afterEach, describe, expect, test } from "vitest";
import type { ObeyWorld } from "../../../src/pipeline/obey.ts";
import { press } from "../../../src/pipeline/press.ts";
import type { PreviewKey } from "../../../src/preview/key.ts";
import type { Button } from "../../../src/report/reports.ts";
import { smallWorld } from "./small-world.ts";

const signal = new AbortController().signal;
const broken = new Error("broken");

let small: ReturnType<typeof smallWorld>;
let world: ObeyWorld;
let said: unknown[];

function start(): void {
  small = smallWorld();
  said = [];
  const { queue, ...rest } = small.world;
  const log = { ...rest.log, info: (fields: { because?: unknown }) => void said.push(fields.because) };
  world = {
    ...rest,
    log,
    conversation: small.github.conversation,
    queue: { ...queue, announce: async () => undefined },
  };
}
afterEach(() => {
  small.checkouts.close();
});

async function opened(fork = false): Promise<PreviewKey> {
  const author = { login: "author", permission: fork ? ("read" as const) : ("write" as const) };
  const key = await small.github.open({ fork, author });
  small.github.permit("maintainer", "write");
  await small.look(key);
  return key;
}

/** Somebody presses a button of the head's check, and what they want is done. */
async function presses(key: PreviewKey, button: Button, more: { login?: string; commit?: string; id?: string } = {}) {
  small.clock.jump(2_000);
  const { login = "maintainer", commit = await small.head(key), id = "delivery-1" } = more;
  await press(world, { id, key, button, commit, login }, signal);
  await small.look(key);
}

const statusOf = async (key: PreviewKey) => (await small.record(key)).status;
const conclusions = async (key: PreviewKey) =>
  (await small.github.checks(key, await small.head(key))).map(({ report }) => report.conclusion);

describe("a button of a check run", () => {
  test("that approves lets the check's commit run, and none that follows", async () => {
    start();
    const key = await opened(true);
    expect((await small.github.checks(key, await small.head(key)))[0]?.report).toMatchObject({
      conclusion: "action_required",
      actions: [{ identifier: "approve" }],
    });
    await presses(key, "approve");
    expect((await statusOf(key)).phase).toBe("Ready");
    await small.github.push(key);
    await small.look(key);
    expect((await statusOf(key)).phase).toBe("Held");
  });

  test("approves nothing that was pushed before it was pressed, nor for those who may not", async () => {
    start();
    const key = await opened(true);
    const commit = await small.head(key);
    await small.github.push(key);
    await presses(key, "approve", { commit });
    await presses(key, "approve", { login: "author" });
    await presses(key, "approve", { login: "stranger" });
    expect((await statusOf(key)).phase).toBe("Held");
    expect((await small.record(key)).spec.approvedCommit).toBeUndefined();
    expect(said[0]).toContain("newer commit");
    expect(said.slice(1)).toEqual([
      expect.stringContaining("read permission"),
      expect.stringContaining("read permission"),
    ]);
  });

  test("that rebuilds deploys once, however often it is delivered, with a check of its own", async () => {
    start();
    const key = await opened();
    const before = (await statusOf(key)).attempt ?? 0;
    for (const _ of [1, 2, 3]) await presses(key, "rebuild");
    const after = await statusOf(key);
    expect([after.phase, after.rebuilt]).toEqual(["Ready", "press delivery-1"]);
    expect(after.images?.map(({ outcome }) => outcome)).toEqual(["built"]);
    expect(after.attempt).toBe(before + 1);
    expect(await conclusions(key)).toEqual(["success", "success"]);
    await presses(key, "rebuild", { id: "delivery-2" });
    await presses(key, "rebuild", { id: "delivery-1" });
    expect((await statusOf(key)).rebuilt).toBe("press delivery-2");
  });

  test("that deploys brings back what was stopped", async () => {
    start();
    const key = await opened();
    await small.records.amend(await small.record(key), { want: "stopped" }, signal);
    await small.look(key);
    expect((await statusOf(key)).phase).toBe("Held");
    await presses(key, "deploy");
    expect((await statusOf(key)).phase).toBe("Ready");
  });

  test("says nothing on a closed pull request", async () => {
    start();
    const key = await opened();
    const commit = await small.head(key);
    await small.github.close(key);
    await presses(key, "rebuild", { commit });
    expect(await small.records.find(key, signal)).toBeUndefined();
    expect(said).toEqual(["the pull request is closed"]);
  });

  test.each(["before", "after"])("is not lost where the queue breaks %s it has taken the key", async (moment) => {
    start();
    const key = await opened(true);
    const { queue } = world;
    let isBroken = true;
    world.queue = {
      ...queue,
      async enqueue(asked, cause) {
        if (moment === "after") await queue.enqueue(asked, cause);
        if (isBroken) throw broken;
        await queue.enqueue(asked, cause);
      },
    };
    await expect(presses(key, "approve")).rejects.toBe(broken);
    isBroken = false;
    small.asked.length = 0;
    await presses(key, "approve");
    expect(small.asked.length).toBeGreaterThan(0);
    expect((await statusOf(key)).phase).toBe("Ready");
  });
});
