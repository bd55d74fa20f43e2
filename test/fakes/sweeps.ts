import type { Clock } from "../../src/ports/clock.ts";
import type { Sweep, Sweeps } from "../../src/ports/sweeps.ts";

export type FakeSweeps = Sweeps & {
  /** Loses everything, as an emptied Redis does. */
  flush(): void;
};

type Worker = { sweep: Sweep; intervalMs: number; ended: AbortController };

/** Sweeps in memory: one store, any number of workers. */
export function createFakeSweeps(clock: Clock, onError: (error: unknown) => void = () => undefined): FakeSweeps {
  const workers = new Set<Worker>();
  let epoch = 1;
  let busy: Promise<void> | undefined;
  let again = false;
  let turn = 0;
  let pause = new AbortController();

  const sweepNow = (): void => {
    pause.abort();
    again = busy !== undefined;
    if (!again) next();
  };
  const runOne = async (worker: Worker): Promise<void> => {
    await worker.sweep(`epoch ${epoch}`, worker.ended.signal).catch(onError);
    busy = undefined;
    if (again) next();
  };
  const next = (): void => {
    const worker = [...workers][(turn += 1) % Math.max(workers.size, 1)];
    if (worker === undefined) return;
    again = false;
    pause = new AbortController();
    const { signal } = pause;
    void clock.wait(worker.intervalMs, signal).then(sweepNow, () => undefined);
    busy = runOne(worker);
  };

  return {
    async run(intervalMs, sweep) {
      const worker = { sweep, intervalMs, ended: new AbortController() };
      workers.add(worker);
      await Promise.resolve();
      sweepNow();
      return async () => {
        workers.delete(worker);
        worker.ended.abort(new Error("stopped: shutdown"));
        if (workers.size === 0) pause.abort();
        await busy;
      };
    },
    flush() {
      epoch += 1;
      sweepNow();
    },
  };
}
