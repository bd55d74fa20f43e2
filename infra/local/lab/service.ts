/** A program the lab keeps running, as data: how to start it, when it is ready, how to stop it. */
export type Service = {
  /** Unique in the lab; also the name of its log. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to a minimal environment (PATH, HOME, TMPDIR, proxies), not to the caller's whole one. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Resolves once the service answers; its signal aborts when the service dies or the lab stops. */
  readonly readiness: (signal: AbortSignal) => Promise<void>;
  /** SIGTERM unless told otherwise. */
  readonly stopSignal?: NodeJS.Signals;
  /** After so many seconds (10 unless told otherwise) it is killed with its process group. */
  readonly stopTimeoutSeconds?: number;
};
