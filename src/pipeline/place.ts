import {
  capacityOf,
  givingRoom,
  isInLine,
  type Line,
  type Needs,
  nextInLine,
  withoutLaterClaims,
} from "../policy/capacity.ts";
import { keyOf } from "../preview/key.ts";
import type { Preview, PreviewStatus } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { openRecord } from "./open-record.ts";
import type { StatusChanges } from "./progress.ts";
import { isSaid, publish } from "./publish.ts";
import type { World } from "./world.ts";

/** How often a claim is counted again while later ones may be stepping back. */
const mostCounts = 5;

export type Taken = { preview: Preview; line: Line | undefined };

/**
 * Claims a place in the record first, and then counts all claims that were made by then. Of any that want the last place
 * at the same time, whoever writes last sees the others: never are there more at work than may be. Nothing is locked, and
 * nobody waits for one who died.
 */
export async function takePlace(
  world: World,
  opened: Preview,
  needs: Needs,
  claim: StatusChanges,
  signal: AbortSignal,
): Promise<Taken> {
  const { limits } = world.rules;
  const startedWorkAt = world.clock.now().toISOString();
  const preview = await world.records.report(opened, { ...claim, startedWorkAt }, signal);
  const own = { key: keyOf(preview), needs };
  for (let counted = 1; ; counted += 1) {
    // Its own claim is in the list, and so are all that were made before it; of later ones each sees this one.
    const records = counted === 1 ? await world.records.listCaughtUp(signal) : await world.records.listFresh(signal);
    const now = world.clock.now();
    const { line } = capacityOf(records, limits, own, now);
    if (line === undefined) return { preview, line };
    const { line: without } = capacityOf(withoutLaterClaims(records, preview), limits, own, now);
    if (without !== undefined || counted === mostCounts) return { preview, line };
  }
}

/** Puts the preview in line, or keeps it there, and says its place where that is news. */
export async function wait(
  world: World,
  pr: PullRequest,
  found: Preview | undefined,
  line: Line,
  signal: AbortSignal,
): Promise<void> {
  const commit = pr.head.sha;
  const before: PreviewStatus = found?.status ?? {};
  const since = before.waitingSince ?? world.clock.now().toISOString();
  const isNewHead = before.observedCommit !== commit;
  const news = isNewHead || !isShown(world, pr, found) || isNewPlace(line.place, before.toldPlace);
  if (found === undefined || news || !isInLine(found) || before.place !== line.place) {
    const opened = await openRecord(world, pr, found, signal);
    const waiting = await world.records.report(
      opened,
      {
        phase: "Waiting",
        reason: line.because,
        remedy: undefined,
        place: line.place,
        unwanted: undefined,
        waitingSince: since,
        startedWorkAt: undefined,
        expiresAt: undefined,
        warnedFor: undefined,
        observedCommit: commit,
        ...(isNewHead && { failure: undefined }),
        // Until GitHub shows it, nothing is told: whoever comes after an interruption says it.
        ...(news && { toldPlace: undefined }),
        ...(isNews(before, commit) && { lastActivityAt: world.clock.now().toISOString() }),
      },
      signal,
    );
    world.log.info({ preview: waiting.name, place: line.place, of: line.of }, "waits for a place");
    // Before it is said, so that nobody who could go waits for GitHub.
    await callNext(world, signal);
    if (news) {
      const told = await publish(world, pr, waiting, "working", signal);
      await world.records.report(waiting, { ...told, toldPlace: line.place }, signal);
    }
  }
  if (line.makeRoom !== undefined) await world.queue.enqueue(keyOf(line.makeRoom), "check");
}

/** Whether GitHub shows what was told last, which somebody who had been stopped may have overwritten. */
function isShown(world: World, pr: PullRequest, found: Preview | undefined): boolean {
  if (found === undefined || pr.strayComments !== undefined) return false;
  const { status } = found;
  return isSaid(world, pr, { ...found, status: { ...status, place: status.toldPlace } });
}

/** Whether somebody has just pushed, or allowed what was held: that is activity, however old the preview is. */
export function isNews({ observedCommit, phase }: PreviewStatus, commit: string): boolean {
  return observedCommit !== commit || phase === "Held";
}

/** A comment is not edited for every step forward; halfway to the first place is news. */
function isNewPlace(place: number, told: number | undefined): boolean {
  return told === undefined || (place !== told && (place === 1 || place <= told / 2 || place > told * 2));
}

/**
 * Asks for a look at those in line for whom there is room now, and at those that are to make room for others. The sweep
 * does the same where this is not reached.
 */
export async function callNext(world: World, signal: AbortSignal): Promise<void> {
  try {
    const records = await world.records.listCaughtUp(signal);
    const { limits } = world.rules;
    const givers = givingRoom(records, limits, world.clock.now());
    for (const record of [...nextInLine(records, limits), ...givers]) await world.queue.enqueue(keyOf(record), "check");
  } catch (error) {
    if (!signal.aborted) world.log.warn({}, `those in line were not called: ${String(error)}`);
  }
}
