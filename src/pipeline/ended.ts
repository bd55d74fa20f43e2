import type { Records } from "../ports/records.ts";
import type { Preview } from "../preview/preview.ts";
import { within } from "./sweep/deadline.ts";
import type { World } from "./world.ts";

/** Longest time that the last word of an attempt may take, in milliseconds. */
const lastWordMs = 10_000;

/** The records as one look uses them, which remember what it has claimed. */
export type OwnRecords = Records & {
  /** Writes that the attempt of this look has ended and says nothing more, where its last report has not said so. */
  end(): Promise<void>;
};

/**
 * GitHub knows no attempts: what a worker had begun to say when it was stopped is said whenever it goes on. So an attempt
 * that ends says so in the record, and whoever takes over from one that did not knows that words of it may come late.
 */
export function rememberOwn(world: Pick<World, "records" | "clock">): OwnRecords {
  const { records } = world;
  let own: Preview | undefined;
  return {
    ...records,
    async claim(preview, signal) {
      own = await records.claim(preview, signal);
      return own;
    },
    async report(preview, changes, signal) {
      const written = await records.report(preview, changes, signal);
      if (own !== undefined && changes.ended === own.status.attempt) own = undefined;
      return written;
    },
    async remove(preview, signal) {
      await records.remove(preview, signal);
      own = undefined;
    },
    async end() {
      const last = own;
      if (last === undefined) return;
      own = undefined;
      await within(
        world.clock,
        lastWordMs,
        new AbortController().signal,
        (signal) => records.report(last, { ended: last.status.attempt }, signal),
        // Where this fails the next attempt takes this one for one that has not ended, and that is all.
      ).catch(() => undefined);
    },
  };
}
