/** One image to build and push. Paths are absolute and inside a checkout. */
export type BuildRequest = {
  /** `registry/repository:tag` to push to. */
  reference: string;
  contextDirectory: string;
  /** Path of the Dockerfile relative to the context, or absolute. */
  dockerfile: string;
  /** The same path as people know it, relative to the repository's root. */
  dockerfileName: string;
  target?: string;
  args: Record<string, string>;
  platform: string;
  /** References in the registry to import cache from and export it to; none for a fork. */
  cache?: { from: string[]; to?: string };
  labels: Record<string, string>;
  /** Every step is run, whatever the builder remembers of it. */
  fresh: boolean;
};

export type BuildProgress = { step: string; current: number; total: number };

export type Builder = {
  /**
   * Builds and pushes. Rejects with a user's failure naming the failing step, its Dockerfile line and its last
   * lines of output; transient where BuildKit or the registry did not answer.
   */
  build(
    request: BuildRequest,
    onProgress: (progress: BuildProgress) => void,
    signal: AbortSignal,
  ): Promise<{ digest: string }>;
};
