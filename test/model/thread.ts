import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { runHistories } from "./run-histories.ts";

const run = z.object({
  histories: z.int(),
  seed: z.int(),
  path: z.string().exactOptional(),
  detailed: z.boolean().exactOptional(),
  first: z.boolean().exactOptional(),
});

// oxlint-disable-next-line require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(await runHistories(run.parse(workerData)));
