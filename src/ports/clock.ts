/** Time as the pipeline sees it. */
export type Clock = {
  now(): Date;
  /** Resolves after so many milliseconds; rejects with the signal's reason. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
};
