/** A worker process as the world sees it: it runs, was stopped by SIGSTOP, or is dead for good. */
export type Process = {
  name: string;
  state(): "running" | "paused" | "dead";
  pause(): void;
  resume(): void;
  die(): void;
  /** Resolves while it runs: at once, after it was resumed, or never. */
  awake(): Promise<void>;
  /** The signal as the process hears it: not while it is stopped, and never once it is dead. */
  hears(signal: AbortSignal): AbortSignal;
};

/** Whatever happens to a stopped process reaches it this much later than it is resumed, in milliseconds. */
const lateness = 2_000;

export function createProcess(name: string, wait: (milliseconds: number) => Promise<void>): Process {
  let state: "running" | "paused" | "dead" = "running";
  let waking = new Set<() => void>();
  const awake = (): Promise<void> =>
    state === "running" ? Promise.resolve() : new Promise((resolve) => waking.add(resolve));
  return {
    name,
    state: () => state,
    pause: () => {
      if (state === "running") state = "paused";
    },
    resume: () => {
      if (state !== "paused") return;
      state = "running";
      const sleepers = waking;
      waking = new Set();
      for (const wake of sleepers) wake();
    },
    die: () => {
      state = "dead";
    },
    awake,
    hears: (signal) => {
      const heard = new AbortController();
      const hear = async (): Promise<void> => {
        if (state === "paused") {
          await awake();
          await wait(lateness);
        }
        if (state === "running") heard.abort(signal.reason);
      };
      const listen = (): void => void hear();
      if (signal.aborted) listen();
      else signal.addEventListener("abort", listen, { once: true });
      return heard.signal;
    },
  };
}
