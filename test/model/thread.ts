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

parentPort?.postMessage(await runHistories(run.parse(workerData)));
