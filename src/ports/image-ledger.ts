import type { Ledger } from "../images/ledger.ts";

/**
 * Which images Greenroom has pushed, with their digests. An image is reused only if the registry still has the very
 * digest that is recorded here, since a tag alone could have been moved by anyone who may push; and only what is recorded
 * here is ever deleted.
 */
export type ImageLedger = {
  /** Ids of the repositories that have entries. */
  repositories(signal: AbortSignal): Promise<number[]>;
  /** What is recorded at this moment. */
  read(repositoryId: number, signal: AbortSignal): Promise<Ledger>;
  /**
   * Writes what `change` makes of the entries at this moment, and resolves with that. `change` is called again where
   * somebody else wrote in between; one that returns what it was given writes nothing. A ledger without entries is
   * deleted.
   */
  update(repositoryId: number, change: (ledger: Ledger) => Ledger, signal: AbortSignal): Promise<Ledger>;
};
