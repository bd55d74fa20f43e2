import type { PreviewKey } from "../preview/key.ts";

/**
 * Why a look at a pull request is asked for. A `change` (push, close, command) replaces a look that waits out its
 * back-off; a `check` (sweep, other events) does not.
 */
export type Cause = "change" | "check";

/** Told to every worker at once, so that one that works on an older head stops. */
export type Announcement = { key: PreviewKey; head: string | undefined; closed: boolean };

export type Handler = (key: PreviewKey, signal: AbortSignal) => Promise<void>;

/** One waiting and one running job per key; a key, never a truth. */
export type Queue = {
  /** Resolves once the store has accepted it; rejects with a transient FailureError after 3 s. */
  enqueue(key: PreviewKey, cause: Cause): Promise<void>;
  announce(announcement: Announcement): Promise<void>;
  /**
   * Runs the handler for each job until the returned function is called. The handler's signal is aborted when an
   * announcement makes its work pointless, the job's lock is lost or the consumer closes; what it then returns or throws
   * no longer matters. The first and the last are followed by another job of the key, and so is a transient failure after
   * the lock was lost unnoticed.
   */
  consume(handler: Handler, onAnnouncement: (announcement: Announcement) => boolean): Promise<() => Promise<void>>;
  close(): Promise<void>;
};
