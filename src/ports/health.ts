/** Tells when the health of a preview may have changed after it was deployed. */
export type Health = {
  /**
   * Yields a record's name when a container in its namespace died or its pods became ready or unready, and once more
   * when that has had time to settle. Ends with the signal.
   */
  changes(signal: AbortSignal): AsyncIterable<string>;
};
