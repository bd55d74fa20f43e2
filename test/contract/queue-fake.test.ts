import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../src/ports/clock.ts";
import { createFakeQueue } from "../fakes/queue.ts";
import { queueContract } from "./queue.contract.ts";

const realTime: Clock = {
  now: () => new Date(),
  wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

queueContract("in memory", () => {
  const queue = createFakeQueue({ clock: realTime });
  return Promise.resolve({ open: () => queue, dispose: () => Promise.resolve(queue.flush()) });
});
