/** Something in the cluster that was made for a record which is gone. */
export type Leftover = {
  /** Namespace that it is, or that it may deploy into. */
  namespace: string;
  /** Uid of the record it was made for; undefined where nothing tells, as with an account whose namespace is gone. */
  recordUid: string | undefined;
  kind: "namespace" | "accounts";
};

/** What Greenroom has made in the cluster, whatever it remembers. */
export type Leftovers = {
  /**
   * Namespaces and attempt accounts of previews whose record is gone. They are read before the records are, and those
   * fresh from the API server, so that what is being made at this moment is never among them; nor is what a record that
   * this version cannot read still names, nor what the cluster is deleting already.
   */
  list(signal: AbortSignal): Promise<Leftover[]>;
};
