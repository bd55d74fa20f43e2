/** What previews' records know of their visitors. */
export type Visits = {
  /** Writes when the preview was visited last; nothing where the record is gone or another one stands there now. */
  record(preview: { name: string; uid: string }, at: Date, signal: AbortSignal): Promise<void>;
};
