/** `epoch` changes when the store has lost its memory: what was asked for before may never be done. */
export type Sweep = (epoch: string, signal: AbortSignal) => Promise<void>;

/** Runs the sweep at intervals: one at a time among all workers, however many there are. */
export type Sweeps = {
  /**
   * Runs `sweep` at once, every `intervalMs` after, and at once again when the store has lost its memory. Until the
   * returned function is called; a sweep that runs then is aborted and waited for. What it throws is told, never fatal.
   */
  run(intervalMs: number, sweep: Sweep): Promise<() => Promise<void>>;
};
