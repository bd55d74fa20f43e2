import type { DeliveryAttempt } from "../../ports/deliveries.ts";
import { failureOf } from "../../preview/failure.ts";
import type { SweepWorld } from "./sweep.ts";

/** GitHub forgets deliveries after three days. */
const rememberedMs = 3 * 24 * 3_600_000;
/** How long after a failed attempt the next one is asked for. After as many as there are, it is given up. */
const pausesMs = [0, 2 * 60_000, 10 * 60_000];
const mostInOneSweep = 50;

/** Of attempts, newest first, those to be repeated: the first of each event that never arrived, oldest first. */
export function dueAgain(attempts: readonly DeliveryAttempt[], now: Date): DeliveryAttempt[] {
  const events = Map.groupBy(
    attempts.toReversed().toSorted((one, other) => one.deliveredAt.getTime() - other.deliveredAt.getTime()),
    ({ guid }) => guid,
  );
  const due = [...events.values()].flatMap((event) => {
    const [first] = event;
    const last = event.at(-1);
    const pause = pausesMs[event.length - 1];
    if (first === undefined || last === undefined || pause === undefined) return [];
    if (event.some(({ succeeded }) => succeeded)) return [];
    return now.getTime() - last.deliveredAt.getTime() >= pause ? [first] : [];
  });
  return due.slice(0, mostInOneSweep);
}

/** Has GitHub repeat deliveries that did not arrive. What they ask for may have been done meanwhile; that is fine. */
export async function redeliver(world: SweepWorld, signal: AbortSignal): Promise<void> {
  const now = world.clock.now();
  const attempts = await world.deliveries.troubled(new Date(now.getTime() - rememberedMs), signal);
  for (const { id, guid } of dueAgain(attempts, now)) {
    try {
      await world.deliveries.redeliver(id, signal);
      world.log.info({ delivery: guid }, "asked GitHub to repeat a delivery that did not arrive");
    } catch (error) {
      const { kind, code, what } = failureOf(error);
      // Whoever does not answer now is not asked for the rest either.
      if (signal.aborted || kind === "transient") throw error;
      world.log.warn({ delivery: guid, code }, `a delivery that did not arrive cannot be repeated: ${what}`);
    }
  }
}
