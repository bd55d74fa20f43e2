import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { type Part, renderPart } from "./parts.ts";

/** Calls back whenever something may have changed. Returns how to stop that. */
export type Watch = (changed: () => void) => () => void;

/** How long to gather changes that come together, in milliseconds. */
const gathering = 40;
/** How often a quiet stream shows that it is still there. */
const heartbeat = 15_000;

/** Sends a page's parts, and each again whenever it is different; ends when there is no such page any more. */
export function liveParts(
  context: Context,
  watch: Watch,
  render: () => Promise<readonly Part[] | undefined>,
): Response {
  return streamSSE(context, async (stream) => {
    const sent = new Map<string, string>();
    const change = new Change();
    const stop = watch(() => change.happened());
    stream.onAbort(() => change.happened());
    const beat = setInterval(() => void stream.write(": still here\n\n"), heartbeat);
    try {
      while (!stream.aborted) {
        change.seen();
        const parts = await render();
        if (parts === undefined) return;
        for (const part of await Promise.all(parts.map(renderPart))) {
          if (sent.get(part.id) === part.revision) continue;
          sent.set(part.id, part.revision);
          await stream.writeSSE({ event: "part", data: JSON.stringify(part) });
        }
        await change.next();
        await pause(gathering);
      }
    } finally {
      clearInterval(beat);
      stop();
    }
  });
}

/** Whether something has changed since it was last looked at. */
class Change {
  #since = Promise.withResolvers<void>();

  happened(): void {
    this.#since.resolve();
  }

  seen(): void {
    this.#since = Promise.withResolvers<void>();
  }

  next(): Promise<void> {
    return this.#since.promise;
  }
}
