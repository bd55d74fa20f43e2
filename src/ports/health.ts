/** What the pods of a preview look like from afar: all of them ready, or one of them not. */
export type PodsLook = "well" | "ill";

export type PodNews = {
  /** Previews of which a pod has come, gone or changed since the last time; none at first. */
  changed: ReadonlySet<string>;
  /** Every preview that has pods now. Those of Jobs do not count, nor do those that have ended. */
  looks: ReadonlyMap<string, PodsLook>;
};

/** Tells when the health of a preview may have changed after it was deployed. */
export type Health = {
  /** What there is, and then on every change of a pod's what there is now. Ends with the signal. */
  news(signal: AbortSignal): AsyncIterable<PodNews>;
};
