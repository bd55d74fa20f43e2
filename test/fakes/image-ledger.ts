import type { Ledger } from "../../src/images/ledger.ts";
import type { ImageLedger } from "../../src/ports/image-ledger.ts";

export type FakeImageLedger = ImageLedger & {
  /** What is recorded, by repository id. */
  ledgers: Map<number, Ledger>;
};

/** The image ledger in memory. */
export function fakeImageLedger(): FakeImageLedger {
  const ledgers = new Map<number, Ledger>();
  return {
    ledgers,
    repositories: async (signal) => {
      signal.throwIfAborted();
      return [...ledgers.keys()];
    },
    read: async (repositoryId, signal) => {
      signal.throwIfAborted();
      return ledgers.get(repositoryId) ?? new Map();
    },
    update: async (repositoryId, change, signal) => {
      signal.throwIfAborted();
      const changed = change(ledgers.get(repositoryId) ?? new Map());
      if (changed.size === 0) ledgers.delete(repositoryId);
      else ledgers.set(repositoryId, changed);
      return changed;
    },
  };
}
