import type { PreviewKey } from "../preview/key.ts";
import type { Preview, PreviewSpec, PreviewStatus } from "../preview/preview.ts";
import type { SpecChanges } from "../preview/spec-changes.ts";

/** The Preview records. Every write has the read resourceVersion as its precondition. */
export type Records = {
  find(key: PreviewKey, signal: AbortSignal): Promise<Preview | undefined>;
  /** Finds the record or creates it under the first free of the given names. */
  ensure(key: PreviewKey, names: readonly string[], spec: PreviewSpec, signal: AbortSignal): Promise<Preview>;
  /** Takes the preview over: increments `status.attempt` and returns the record as written. */
  claim(preview: Preview, signal: AbortSignal): Promise<Preview>;
  /**
   * Merges into the status on behalf of an attempt. Rejects with `SupersededError` where a newer attempt owns it;
   * fields given as undefined are removed.
   */
  report(
    preview: Preview,
    changes: { [K in keyof PreviewStatus]?: PreviewStatus[K] | undefined },
    signal: AbortSignal,
  ): Promise<Preview>;
  /**
   * Merges into what people asked for; fields given as undefined are removed. Needs no attempt. Rejects with
   * `SupersededError` where the record is gone, was changed meanwhile for the same comment or a later one, or where a
   * field has another value than it had in `preview`: whoever asks has to look again.
   */
  amend(preview: Preview, changes: SpecChanges, signal: AbortSignal): Promise<Preview>;
  /** Takes the finalizer off and deletes the record; fine where it is gone already. */
  remove(preview: Preview, signal: AbortSignal): Promise<void>;
  /** All records as last seen by a watch, which may be some moments behind. */
  list(): Promise<Preview[]>;
  /**
   * All records as a watch saw them, once it has come to the last write that was answered to this process: that one is
   * in the list, with whatever the store took before it.
   */
  listCaughtUp(signal: AbortSignal): Promise<Preview[]>;
  /** All records as the store has them now: every write that was answered before the call is in it. */
  listFresh(signal: AbortSignal): Promise<Preview[]>;
};

/** A newer attempt owns the preview; the older one has to stop without another word. */
export class SupersededError extends Error {
  constructor(name: string) {
    super(`a newer attempt owns preview ${name}`);
    this.name = "SupersededError";
  }
}
