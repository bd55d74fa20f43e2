import { Queue } from "bullmq";
import { waitFor } from "../../infra/local/demo/wait-for.ts";
import type { LabStatus } from "../../infra/local/lab/status.ts";

/**
 * Keeps the lab's Greenroom from sweeping until the returned function is called: what tests make without a pull request
 * on GitHub, or without a record, is what a sweep is there to take away.
 */
export async function holdSweep({ redis }: LabStatus): Promise<() => Promise<void>> {
  const queue = new Queue("sweep", { connection: { url: redis }, prefix: "{greenroom}", skipVersionCheck: true });
  await queue.pause();
  await waitFor("the end of the sweep that runs", 60, async () =>
    (await queue.getActiveCount()) === 0 ? true : undefined,
  );
  return async () => {
    await queue.resume();
    await queue.close();
  };
}
