import { obey, type ObeyWorld } from "../src/pipeline/obey.ts";
import { press } from "../src/pipeline/press.ts";
import type { Log } from "../src/ports/log.ts";
import type { Presses } from "../src/ports/presses.ts";
import type { Queue } from "../src/ports/queue.ts";
import { failureOf } from "../src/preview/failure.ts";
import { keyString, type PreviewKey } from "../src/preview/key.ts";

/** Does what people write in comments, and ask for with buttons, until the returned function is called. */
export async function startCommands(
  queue: Queue,
  presses: Presses,
  world: ObeyWorld,
  log: Log,
): Promise<() => Promise<void>> {
  const stops = await Promise.all([
    queue.consume(
      async (key, signal) => {
        try {
          await logged(log, key, () => obey(world, key, signal), signal);
        } catch (error) {
          if (!signal.aborted) throw error;
          // Somebody else has this job now, or the queue has lost its memory and nobody has.
          await queue.enqueue(key, "check");
        }
      },
      () => false,
    ),
    presses.consume((pressed, signal) => logged(log, pressed.key, () => press(world, pressed, signal), signal)),
  ]);
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

async function logged(log: Log, key: PreviewKey, work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (signal.aborted) throw error;
    const { code, what, kind } = failureOf(error);
    if (kind === "transient") log.warn({ key: keyString(key), code }, what);
    else log.error({ key: keyString(key), code }, what, error);
    throw error;
  }
}
