import { expect, test } from "vitest";
import { startPullRequests } from "../../../workers/pull-requests.ts";
import type { World } from "../../../src/pipeline/world.ts";
import { createFakeQueue, type FakeQueue } from "../../fakes/queue.ts";
import { files, smallWorld } from "../pipeline/small-world.ts";

const signal = new AbortController().signal;
const endless = { ...files, Dockerfile: "FROM busybox:1.37\nRUN sleep 1000\n" };

test("what is closed after it was read, and before work on it began, is not worked on", async () => {
  let queue: FakeQueue | undefined;
  const small = smallWorld({ queue: (clock) => (queue = createFakeQueue({ clock, concurrency: 5 })) });
  if (queue === undefined) throw new Error("the world made no queue");
  const intake = queue;
  const key = await small.github.open();
  small.contents.set(await small.head(key), endless);
  const { pullRequests } = small.world;
  let closed = false;
  const world: World = {
    ...small.world,
    pullRequests: {
      ...pullRequests,
      async read(...asked) {
        const found = await pullRequests.read(...asked);
        if (!closed) {
          closed = true;
          await small.github.close(key);
          await intake.announce({ key, head: undefined, closed: true });
          await intake.enqueue(key, "change");
        }
        return found;
      },
    },
  };
  const stop = await startPullRequests(intake, world, world.log);
  await intake.enqueue(key, "change");
  await expect
    .poll(async () => [closed, await small.records.find(key, signal), intake.active(), intake.pending()], {
      interval: 5,
      timeout: 5_000,
    })
    .toEqual([true, undefined, [], []]);
  expect(small.builder.requests).toEqual([]);
  await stop();
  small.checkouts.close();
});
