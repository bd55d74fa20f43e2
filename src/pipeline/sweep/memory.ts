import type { Looked } from "./compare.ts";

/** What one worker remembers from sweep to sweep. Losing it costs calls, never truth. */
export type SweepMemory = {
  /** Epoch of the queue's store that `looked` belongs to. */
  epoch: string | undefined;
  /** Sweeps so far. */
  turn: number;
  /** Open pull requests without a record that were looked at, by key. */
  looked: Map<string, Looked>;
  /** When images were last collected. */
  collectedAt: Date | undefined;
};

export function emptyMemory(): SweepMemory {
  return { epoch: undefined, turn: 0, looked: new Map(), collectedAt: undefined };
}
