import type { Preview, PreviewStatus } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { publish } from "./publish.ts";
import type { World } from "./world.ts";

export type StatusChanges = { [K in keyof PreviewStatus]?: PreviewStatus[K] | undefined };

/**
 * Least time between the first two edits of the comment while work goes on, in milliseconds; each time after that is
 * twice as long. Who wants to watch has the preview's own page, and GitHub takes only so many edits.
 */
const firstInterval = 15_000;

/**
 * Keeps the record and what GitHub shows in step with one attempt. The record is written at once; GitHub is told in
 * the background, less and less often, and only the final state is waited for.
 */
export type Progress = {
  preview(): Preview;
  update(changes: StatusChanges): Promise<void>;
  /** Writes the final state of this attempt and resolves when GitHub shows it; `meanwhile` runs beside the telling. */
  finish(changes: StatusChanges, meanwhile: () => Promise<void>): Promise<void>;
  /** Writes the state in which a later attempt will find the preview; where GitHub cannot be told, that one tells. */
  leave(changes: StatusChanges, tell: boolean): Promise<void>;
  /** Resolves when nothing of this is under way any more. */
  ended(): Promise<void>;
};

export type ProgressOptions = {
  /** Tells GitHub nothing before the next phase: it is one try of many. */
  quiet: boolean;
};

export function trackProgress(
  world: World,
  pr: PullRequest,
  opened: Preview,
  signal: AbortSignal,
  options: ProgressOptions = { quiet: false },
): Progress {
  let preview = opened;
  let writing: Promise<unknown> = Promise.resolve();
  let telling: Promise<void> | undefined;
  let untold = false;
  let interval = firstInterval;
  let isLost = false;
  /** The pull request with our comment as last seen or written. */
  let seen = pr;
  const ended = new AbortController();
  const whileWorking = AbortSignal.any([signal, ended.signal]);

  /** Writes to the record happen one after another, each on top of the one before. */
  const write = async (changes: StatusChanges): Promise<void> => {
    const before = writing;
    const next = (async () => {
      await before;
      preview = await world.records.report(preview, changes, signal);
    })();
    writing = next.catch(() => undefined);
    await next;
  };

  /** A comment whose id did not come back is looked for before another one is written. */
  const say = async (occasion: "working" | "final"): Promise<StatusChanges> => {
    if (isLost && seen.comment === undefined) {
      const now = await world.pullRequests.read(pr.key, preview.status.comment, signal);
      if (now !== "gone" && now.comment !== undefined) seen = { ...pr, comment: now.comment };
    }
    isLost = true;
    const changes = await publish(world, seen, preview, occasion, signal);
    isLost = false;
    if (changes.comment !== undefined) seen = { ...pr, comment: { id: changes.comment, body: "" } };
    return changes;
  };

  const tell = async (): Promise<void> => {
    while (untold && !whileWorking.aborted) {
      untold = false;
      const changes = await say("working");
      await write(changes);
      await world.clock.wait(interval, whileWorking).catch(() => undefined);
      interval *= 2;
    }
  };

  const notTold = (error: unknown): void =>
    world.log.warn({ preview: preview.name }, `progress not reported: ${String(error)}`);

  const tellSoon = (): void => {
    untold = true;
    telling ??= tell()
      // A deploy goes on when GitHub cannot be told how far it is; the final state is told with more patience.
      .catch(notTold)
      .finally(() => {
        telling = undefined;
      });
  };

  const stop = async (): Promise<void> => {
    ended.abort();
    await telling;
    await writing;
  };

  /** However it ends, nothing that was begun before may be said after it. */
  const endedAfter = async (last: Promise<void>): Promise<void> => {
    try {
      await last;
    } finally {
      await stop();
    }
  };

  return {
    preview: () => preview,
    async update(changes) {
      await write(changes);
      if (!options.quiet || changes.phase !== undefined) tellSoon();
    },
    async finish(changes, meanwhile) {
      ended.abort();
      await endedAfter(write({ ...changes, reported: undefined }));
      const tellFinally = async (): Promise<void> => {
        await write(await say("final"));
      };
      const both = await Promise.allSettled([tellFinally(), meanwhile()]);
      for (const each of both) if (each.status === "rejected") throw each.reason;
    },
    async leave(changes, toldToo) {
      ended.abort();
      await endedAfter(write(changes));
      if (toldToo) await say("working").then(write).catch(notTold);
    },
    ended: stop,
  };
}
