/** What is known of one tag that Greenroom pushed, or was about to push. Times are ISO 8601 in UTC. */
export type LedgerEntry = {
  /**
   * `building`: somebody builds it, or died over it. `kept`: the registry has it, under this digest. `deleting`: its
   * manifest is being deleted; whoever wants it has to wait for the end of that and build it anew.
   */
  state: "building" | "kept" | "deleting";
  /** Since when it is in this state. */
  since: string;
  /** When a deploy last wanted it. */
  usedAt: string;
  /** None while it is built for the first time, and none of a tag that holds a cache. */
  digest?: string | undefined;
  /** Digests that its tag had before; they go with it. */
  older?: readonly string[] | undefined;
  /** When a pull request that ran it was merged: the default branch has it since. */
  mergedAt?: string | undefined;
  /** Which collector deletes it. */
  collector?: string | undefined;
};

/** The entries of one repository by `registry/repository:tag`. */
export type Ledger = ReadonlyMap<string, LedgerEntry>;

/**
 * A deletion that is as old as this has ended, one way or the other: its request is never sent, nor waited for, after
 * `deletionMs`. The rest is for clocks that differ.
 */
export const takeOverMs = 120_000;
export const deletionMs = 15_000;

/** `registry/repository` of `registry/repository:tag`. */
export function repositoryOf(reference: string): string {
  return reference.slice(0, reference.lastIndexOf(":"));
}

/** Every digest that goes when this entry goes. */
export function digestsOf(entry: LedgerEntry): string[] {
  return [...new Set([...(entry.digest === undefined ? [] : [entry.digest]), ...(entry.older ?? [])])];
}

/** Whether its manifest may be deleted at any moment. */
export function isBeingDeleted(entry: LedgerEntry | undefined, now: Date): boolean {
  return entry?.state === "deleting" && age(entry.since, now) < takeOverMs;
}

/** What a change says instead of a ledger where a manifest is being deleted and the end of that has to be awaited. */
export type Changed = Ledger | "wait";

/** A deploy wants this image. Nothing changes where that was said less than `freshMs` ago. */
export function touch(ledger: Ledger, reference: string, now: Date, freshMs: number): Changed {
  const entry = ledger.get(reference);
  if (isBeingDeleted(entry, now)) return "wait";
  if (entry?.state !== "kept" || age(entry.usedAt, now) < freshMs) return ledger;
  return withEntry(ledger, reference, { ...entry, usedAt: now.toISOString() });
}

/** Announces a push, so that the tag is known even if its worker dies over it. */
export function beginBuild(ledger: Ledger, reference: string, now: Date): Changed {
  const entry = ledger.get(reference);
  if (isBeingDeleted(entry, now)) return "wait";
  const at = now.toISOString();
  const older = entry === undefined ? [] : digestsOf(entry);
  return withEntry(ledger, reference, {
    state: "building",
    since: at,
    usedAt: at,
    ...(older.length > 0 && { older }),
    ...(entry?.mergedAt !== undefined && { mergedAt: entry.mergedAt }),
  });
}

/**
 * The tag of a layer cache, which every build of its image writes anew. Nobody relies on a cache, so one that is being
 * deleted is not waited for.
 */
export function keepCache(ledger: Ledger, reference: string, now: Date, freshMs: number): Ledger {
  const entry = ledger.get(reference);
  if (isBeingDeleted(entry, now)) return ledger;
  if (entry?.state === "kept" && age(entry.usedAt, now) < freshMs) return ledger;
  const at = now.toISOString();
  return withEntry(ledger, reference, { state: "kept", since: at, usedAt: at });
}

/** Records what was pushed, unless this tag, or another one with the same manifest, is being deleted: it may go along. */
export function finishBuild(ledger: Ledger, reference: string, digest: string, now: Date): Changed {
  const repository = repositoryOf(reference);
  for (const [other, entry] of ledger) {
    if (!isBeingDeleted(entry, now)) continue;
    if (other === reference) return "wait";
    if (repositoryOf(other) === repository && digestsOf(entry).includes(digest)) return "wait";
  }
  const before = ledger.get(reference);
  const older = before === undefined ? [] : digestsOf(before).filter((each) => each !== digest);
  const at = now.toISOString();
  return withEntry(ledger, reference, {
    state: "kept",
    since: at,
    usedAt: at,
    digest,
    ...(older.length > 0 && { older }),
    ...(before?.mergedAt !== undefined && { mergedAt: before.mergedAt }),
  });
}

/** The default branch has these images now. */
export function markMerged(ledger: Ledger, references: readonly string[], now: Date): Ledger {
  return references.reduce<Ledger>((changed, reference) => {
    const entry = changed.get(reference);
    // Said again soon after, it says nothing new.
    return entry === undefined || (entry.mergedAt !== undefined && age(entry.mergedAt, now) < 3_600_000)
      ? changed
      : withEntry(changed, reference, { ...entry, mergedAt: now.toISOString() });
  }, ledger);
}

/** Milliseconds since then. */
export function age(since: string, now: Date): number {
  return now.getTime() - Date.parse(since);
}

export function withEntry(ledger: Ledger, reference: string, entry: LedgerEntry): Ledger {
  return new Map(ledger).set(reference, entry);
}
