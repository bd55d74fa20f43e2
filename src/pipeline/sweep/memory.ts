import type { Looked } from "./compare.ts";

/** What one worker remembers from sweep to sweep. Losing it costs calls, never truth. */
export type SweepMemory = {
  /** Epoch of the queue's store that `looked` belongs to. */
  epoch: string | undefined;
  /** Sweeps so far. */
  turn: number;
  /** Open pull requests without a record that were looked at, by key. */
  looked: Map<string, Looked>;
  /** Repositories whose comments were read, by id: when, and what the list of pull requests told if it was at rest. */
  heard: Map<number, { told: string | undefined; at: Date }>;
  /** When images were last collected. */
  collectedAt: Date | undefined;
};

export function emptyMemory(): SweepMemory {
  return { epoch: undefined, turn: 0, looked: new Map(), heard: new Map(), collectedAt: undefined };
}
