import { inParallel } from "../../in-parallel.ts";
import type { OpenPullRequests, SaidUnder } from "../../ports/installations.ts";
import { failureOf } from "../../preview/failure.ts";
import { keyOf, keyString, type PreviewKey } from "../../preview/key.ts";
import type { Preview } from "../../preview/preview.ts";
import { isUnanswered, isUndone, unreadSince } from "../undone.ts";
import type { SweepMemory } from "./memory.ts";
import type { SweepWorld } from "./sweep.ts";

const atOnce = 8;
/** Clocks differ, and GitHub's lists may be some moments behind. */
const overlapMs = 120_000;
/** GitHub's times have whole seconds, so what was changed just now may change once more and look the same. */
const restlessMs = 10_000;

/**
 * Asks for those commands that nobody has done: their delivery was lost, or the queue that held them. Comments are read
 * only where the list of pull requests shows that something has changed, for a whole repository at once.
 */
export async function askForCommands(
  world: SweepWorld,
  memory: SweepMemory,
  open: readonly OpenPullRequests[],
  /** When the list of pull requests was not yet read: what is written later changes it again. */
  startedAt: Date,
  signal: AbortSignal,
): Promise<void> {
  const records = new Map((await world.records.list()).map((record) => [keyString(keyOf(record)), record]));
  const reading = inParallel(open, atOnce, async (repository) => {
    signal.throwIfAborted();
    try {
      await askIn(world, memory, repository, records, startedAt, signal);
    } catch (error) {
      const { code, what } = failureOf(error);
      if (signal.aborted) throw error;
      world.log.warn({ repository: repository.repository.id, code }, `its comments were not read: ${what}`);
    }
  });
  for await (const _ of reading);
}

async function askIn(
  world: SweepWorld,
  memory: SweepMemory,
  of: OpenPullRequests,
  records: ReadonlyMap<string, Preview>,
  startedAt: Date,
  signal: AbortSignal,
): Promise<void> {
  const { installation, repository, pullRequests } = of;
  const told = pullRequests.map(({ number, version }) => `${number} ${version}`).join();
  const before = memory.heard.get(repository.id);
  if (before?.told === told) return;
  const from = before?.at ?? unreadSince(undefined, startedAt);
  const since = new Date(from.getTime() - overlapMs);
  const keys = new Map(
    pullRequests
      .filter(({ changedAt }) => changedAt >= since)
      .map(({ number }): [number, PreviewKey] => [number, { installation, repository, number }]),
  );
  const said = keys.size === 0 ? [] : await world.installations.comments(of, since, signal);
  for (const key of undoneIn(said, keys, records, startedAt)) {
    await world.commands.enqueue(key, "check");
    world.log.info({ preview: keyString(key) }, "asked for a command that nobody has done");
  }
  const isAtRest = pullRequests.every(({ changedAt }) => startedAt.getTime() - changedAt.getTime() > restlessMs);
  // Until then the very same question is asked again, which costs nothing while its answer is the same.
  memory.heard.set(repository.id, isAtRest ? { told, at: startedAt } : { told: undefined, at: from });
}

/** The pull requests under which something is said that was not done. */
function undoneIn(
  said: readonly SaidUnder[],
  keys: ReadonlyMap<number, PreviewKey>,
  records: ReadonlyMap<string, Preview>,
  now: Date,
): Set<PreviewKey> {
  const undone = said.flatMap((comment) => {
    const key = keys.get(comment.pullRequest);
    if (key === undefined) return [];
    const last = records.get(keyString(key))?.spec.lastComment;
    return isUndone(comment, last, now) || isUnanswered(comment, last) ? [key] : [];
  });
  return new Set(undone);
}
