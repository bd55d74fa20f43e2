/** Something in the cluster that was made for a record, which may be gone. */
export type Leftover = {
  /** Namespace that it is, or that it may deploy into. */
  namespace: string;
  /** Uid of the record it was made for, or undefined where nothing tells. */
  recordUid: string | undefined;
};

/** What Greenroom has made in the cluster, whatever the records say. */
export type Leftovers = {
  /** Namespaces and attempt accounts of previews, each namespace once; not those already being deleted by the cluster. */
  list(signal: AbortSignal): Promise<Leftover[]>;
};
