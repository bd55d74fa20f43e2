import { inParallel } from "../../in-parallel.ts";
import type { Leftover } from "../../ports/leftovers.ts";
import { failureOf } from "../../preview/failure.ts";
import { within } from "./deadline.ts";
import type { SweepWorld } from "./sweep.ts";

const atOnce = 8;
/** A namespace that somebody holds is left to the next sweep. */
const eachMs = 45_000;

/**
 * Takes away what was made for records that are gone. One that cannot be removed is logged and delays nobody; which
 * come first changes with the turn, so that those which hang do not keep the same others waiting.
 */
export async function clearLeftovers(world: SweepWorld, turn: number, signal: AbortSignal): Promise<void> {
  const found = await world.leftovers.list(signal);
  const start = found.length === 0 ? 0 : (turn * atOnce) % found.length;
  const inTurn = [...found.slice(start), ...found.slice(0, start)];
  const clearing = inParallel(inTurn, atOnce, (leftover) => clear(world, leftover, signal));
  for await (const _ of clearing) signal.throwIfAborted();
}

async function clear(world: SweepWorld, leftover: Leftover, signal: AbortSignal): Promise<void> {
  const { namespace, recordUid, kind } = leftover;
  if (kind === "namespace" && recordUid === undefined) {
    world.log.warn({ namespace }, "a namespace carries Greenroom's label and names no record; it is left alone");
    return;
  }
  try {
    // Without a uid no namespace fits, so that only accounts go.
    await within(world.clock, eachMs, signal, (limit) => world.cluster.remove(namespace, recordUid ?? "", limit));
    world.log.info({ namespace, kind }, "removed what a record had left behind");
  } catch (error) {
    const { code, what } = failureOf(error);
    if (!signal.aborted) world.log.warn({ namespace, kind, code }, `a leftover could not be removed yet: ${what}`);
  }
}
