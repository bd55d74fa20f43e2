import { age, digestsOf, type Ledger, type LedgerEntry, repositoryOf, takeOverMs, withEntry } from "./ledger.ts";

export type CollectRules = {
  /** How long an image is kept that nothing uses. */
  graceMs: number;
  /** Longest time that one may take to build. */
  buildMs: number;
};

/** What the records name: `registry/repository:tag` and `registry/repository@digest`. */
export type Named = ReadonlySet<string>;

const hourMs = 3_600_000;
/** What the default branch got is what the next pull requests start from. */
const mergedMs = 14 * 24 * hourMs;
/** A worker that was slow is given this much longer than its build may take. */
const slowMs = 600_000;
/** A ledger has room for about 2,000 entries; beyond so many the grace is short, before any would be forgotten. */
const plenty = 1_500;

/** Whether a record names this tag or anything that would go with it. */
export function isNamed(reference: string, entry: LedgerEntry, named: Named): boolean {
  return named.has(reference) || manifests(reference, entry).some((manifest) => named.has(manifest));
}

/** References of all that may go: left by a worker or collector that died over it, or unused for the time of grace. */
export function due(ledger: Ledger, now: Date, rules: CollectRules, named: Named): string[] {
  const newest = [...ledger].toSorted(([, a], [, b]) => b.usedAt.localeCompare(a.usedAt));
  const found = newest.filter(([reference, entry], index) => {
    const graceMs = index < plenty ? rules.graceMs : Math.min(rules.graceMs, hourMs);
    return isDue(reference, entry, now, { ...rules, graceMs }, named);
  });
  // What another one began comes first: others may have to wait for that.
  return found.toSorted(([, a], [, b]) => begun(b) - begun(a)).map(([reference]) => reference);
}

function begun({ state }: LedgerEntry): number {
  return state === "deleting" ? 1 : 0;
}

function isDue(reference: string, entry: LedgerEntry, now: Date, rules: CollectRules, named: Named): boolean {
  // Its collector died. Even where a record names it by now, somebody has to say whether it stays.
  if (entry.state === "deleting") return age(entry.since, now) >= takeOverMs;
  if (isNamed(reference, entry, named)) return false;
  if (entry.mergedAt !== undefined && age(entry.mergedAt, now) < mergedMs) return false;
  const unused = age(entry.usedAt, now) > rules.graceMs;
  if (entry.state === "kept") return unused;
  const abandoned = age(entry.since, now) > rules.buildMs + slowMs;
  return abandoned && (unused || digestsOf(entry).length === 0);
}

/** Names that are in use are as good as used now: the time of grace begins when the last record has gone. */
export function refreshed(ledger: Ledger, now: Date, rules: CollectRules, named: Named): Ledger {
  const old = [...ledger].filter(
    ([reference, entry]) =>
      entry.state === "kept" && age(entry.usedAt, now) > rules.graceMs / 4 && isNamed(reference, entry, named),
  );
  return old.reduce<Ledger>(
    (changed, [reference, entry]) => withEntry(changed, reference, { ...entry, usedAt: now.toISOString() }),
    ledger,
  );
}

export type Condemning = {
  references: readonly string[];
  /** Which collector does it, as no other one is called. */
  collector: string;
  /** What the registry has under tags whose digest nobody recorded. */
  resolved: ReadonlyMap<string, string>;
};

/**
 * Says of those that are still due that they are being deleted, also of those that have no manifest of their own to
 * delete: nothing is forgotten before the records were read again. One that shares a manifest with what another collector
 * deletes is left for later, since that one may be spared yet.
 */
export function condemn(
  ledger: Ledger,
  { references, collector, resolved }: Condemning,
  now: Date,
  rules: CollectRules,
  named: Named,
): Ledger {
  const still = new Set(due(ledger, now, rules, named));
  const candidates = new Map<string, LedgerEntry>();
  for (const reference of references) {
    const entry = ledger.get(reference);
    if (entry === undefined || !still.has(reference)) continue;
    const found = resolved.get(reference);
    // Not as its digest, which would be trusted: nobody recorded what was pushed there.
    const older = found === undefined ? entry.older : [...(entry.older ?? []), found];
    candidates.set(reference, { ...entry, older, state: "deleting", since: now.toISOString(), collector });
  }
  const going = withoutShared(ledger, candidates);
  return going.size === 0 ? ledger : new Map([...ledger, ...going]);
}

/**
 * Those that share nothing with what others are deleting. One that is left out for that may itself be what another one
 * died over, and share something with a third: so it goes on until nothing more is left out.
 */
function withoutShared(ledger: Ledger, candidates: ReadonlyMap<string, LedgerEntry>): ReadonlyMap<string, LedgerEntry> {
  const elsewhere = manifestsOf(
    [...ledger].filter(([other, { state }]) => state === "deleting" && !candidates.has(other)),
  );
  const left = new Map(
    [...candidates].filter(([reference, entry]) => !manifests(reference, entry).some((each) => elsewhere.has(each))),
  );
  return left.size === candidates.size ? left : withoutShared(ledger, left);
}

/**
 * Digests of an entry that nothing which stays has too. Deleting a manifest takes all of its tags, so a tag that shares
 * its manifest goes with the last of them.
 */
export function ownDigests(
  ledger: Ledger,
  reference: string,
  entry: LedgerEntry,
  spared: ReadonlySet<string>,
): string[] {
  const staying = manifestsOf([...ledger].filter(([other, { state }]) => state !== "deleting" || spared.has(other)));
  return digestsOf(entry).filter((digest) => !staying.has(`${repositoryOf(reference)}@${digest}`));
}

function manifests(reference: string, entry: LedgerEntry): string[] {
  return digestsOf(entry).map((digest) => `${repositoryOf(reference)}@${digest}`);
}

function manifestsOf(entries: readonly (readonly [string, LedgerEntry])[]): Set<string> {
  return new Set(entries.flatMap(([reference, entry]) => manifests(reference, entry)));
}

/** Those that this collector condemned. */
export function condemnedBy(ledger: Ledger, collector: string): [string, LedgerEntry][] {
  return [...ledger].filter(([, entry]) => entry.state === "deleting" && entry.collector === collector);
}

/** Forgets what is deleted, and takes back what turned out to be wanted or cannot be deleted. */
export function settle(
  ledger: Ledger,
  collector: string,
  { deleted, spared }: { deleted: ReadonlySet<string>; spared: ReadonlySet<string> },
  now: Date,
): Ledger {
  const changed = new Map(ledger);
  for (const [reference, { collector: _, ...entry }] of condemnedBy(ledger, collector)) {
    const since = now.toISOString();
    if (deleted.has(reference)) changed.delete(reference);
    else if (spared.has(reference)) {
      const state = entry.digest === undefined ? "building" : "kept";
      changed.set(reference, { ...entry, state, since, usedAt: since });
    }
  }
  return changed;
}
