/** Names of records whose preview changed for better or worse after it was deployed. */
export type Health = {
  /** Yields a record's name when a container in its namespace has died, or all are well again. Ends with the signal. */
  changes(signal: AbortSignal): AsyncIterable<string>;
};
