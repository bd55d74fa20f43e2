import type { PreviewKey } from "../preview/key.ts";
import type { Button } from "../report/reports.ts";

/** Somebody pressed a button of a check run. GitHub tells of it once and keeps no trace, so this carries all there is. */
export type Press = {
  /** Of the delivery: the same however often it is delivered. */
  id: string;
  key: PreviewKey;
  button: Button;
  /** Commit of the check run. */
  commit: string;
  /** Who pressed it; what they may do is asked of GitHub. */
  login: string;
};

/** Presses on their way to whoever does what they ask for. */
export type Presses = {
  /** Resolves once the store has accepted it; rejects with a transient FailureError after 3 s. */
  add(press: Press): Promise<void>;
  /**
   * Hands each press to the handler, again after a transient failure or a crash, until the returned function is called;
   * that hands back what runs.
   */
  consume(handler: (press: Press, signal: AbortSignal) => Promise<void>): Promise<() => Promise<void>>;
  close(): Promise<void>;
};
