import { obey, type ObeyWorld } from "../src/pipeline/obey.ts";
import type { Log } from "../src/ports/log.ts";
import type { Queue } from "../src/ports/queue.ts";
import { failureOf } from "../src/preview/failure.ts";
import { keyString } from "../src/preview/key.ts";

/** Does what people write in comments until the returned function is called. */
export async function startCommands(queue: Queue, world: ObeyWorld, log: Log): Promise<() => Promise<void>> {
  return await queue.consume(
    async (key, signal) => {
      try {
        await obey(world, key, signal);
      } catch (error) {
        const { code, what, kind } = failureOf(error);
        if (kind === "transient") log.warn({ key: keyString(key), code }, what);
        else log.error({ key: keyString(key), code }, what, error);
        throw error;
      }
    },
    () => false,
  );
}
