import { emptyMemory } from "../src/pipeline/sweep/memory.ts";
import { sweep, type SweepWorld } from "../src/pipeline/sweep/sweep.ts";
import type { Sweeps } from "../src/ports/sweeps.ts";

/** Sweeps at once, at intervals and when the queue has lost its memory, until the returned function is called. */
export async function startSweep(sweeps: Sweeps, world: SweepWorld, seconds: number): Promise<() => Promise<void>> {
  const memory = emptyMemory();
  return await sweeps.run(seconds * 1_000, (epoch, signal) => sweep(world, memory, epoch, signal));
}
