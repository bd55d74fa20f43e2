import type { ClusterView } from "../rollout/cluster-view.ts";
import type { World } from "./world.ts";

/** How often a view is judged again without a change, in milliseconds: some failures are a matter of time. */
const tick = 1_000;

/** Repeats the last view every second for as long as no newer one comes, and at once when something has happened. */
export async function* withTicks(
  world: World,
  views: AsyncIterable<ClusterView>,
  happened: Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<ClusterView> {
  const iterator = views[Symbol.asyncIterator]();
  let last: ClusterView | undefined;
  let next = iterator.next();
  let happening: Promise<"happened"> | undefined = happened.then(() => "happened" as const);
  try {
    for (;;) {
      const winner = await Promise.race([
        next,
        ...(happening === undefined ? [] : [happening]),
        world.clock.wait(tick, signal).then(
          () => "tick" as const,
          () => "aborted" as const,
        ),
      ]);
      if (winner === "aborted") return;
      if (winner === "happened") happening = undefined;
      else if (winner !== "tick") {
        if (winner.done === true) return;
        last = winner.value;
        next = iterator.next();
      }
      if (last !== undefined) yield last;
    }
  } finally {
    await iterator.return?.();
  }
}
