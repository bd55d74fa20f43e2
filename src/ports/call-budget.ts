/** Whose calls GitHub counts: an installation's, by its id, or the app's own. */
export type Caller = number | "app";

/** `write`: it creates or edits what people see, of which GitHub takes only so many. */
export type CallKind = "read" | "write";

/**
 * Whether a call may leave. Where not, nothing was taken, and it may be asked for again after so many milliseconds.
 * `closed`: GitHub wants nobody to call; `spent`: only writes have to wait.
 */
export type Taken = "taken" | { refused: "closed" | "spent"; wait: number };

/** How much is written at most, by one caller. */
export type WriteLimits = { perMinute: number; perHour: number };

/**
 * How much of GitHub each caller may still use, one for all workers. Never rejects and never waits for long: where its
 * store is away, each worker goes by what it knows itself.
 */
export type CallBudget = {
  take(caller: Caller, kind: CallKind): Promise<Taken>;
  /** Whether few writes are left, or none may leave: what matters for a moment only is not written then. */
  isLow(caller: Caller): Promise<boolean>;
  /** GitHub wants no call for so many milliseconds. It may be said more than once; the longest time counts. */
  close(caller: Caller, milliseconds: number): Promise<void>;
};
