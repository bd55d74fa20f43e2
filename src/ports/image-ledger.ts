/**
 * Digests of the images that Greenroom itself built, by `registry/repository:tag`. An image is reused only if the
 * registry still has the very digest that is recorded here: a tag alone could have been moved by anyone who may push.
 */
export type ImageLedger = {
  read(repositoryId: number, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  record(repositoryId: number, reference: string, digest: string, signal: AbortSignal): Promise<void>;
};
