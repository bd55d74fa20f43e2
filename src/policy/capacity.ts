import { keyOf, type PreviewKey, sameKey } from "../preview/key.ts";
import { commitToShow } from "../preview/pinned.ts";
import type { Phase, Preview } from "../preview/preview.ts";
import { lastActivity } from "./lifetime.ts";

/** How many there may be at once: in all, of one installation, of one repository. Undefined: any number. */
export type Scoped = { all: number | undefined; installation: number | undefined; repository: number | undefined };

export type Limits = {
  /** Previews that have a namespace and are not asleep. */
  previews: Scoped;
  /** Pull requests that are built or deployed. */
  builds: Scoped;
  /** Put the preview that nobody has used for longest, and at least so long, to sleep where another one has no room. */
  makeRoom: false | { leastIdleMs: number };
};

/** Whether one preview may go to work now. */
export type Capacity = {
  /** Undefined where it has a place. */
  line?: Line;
  /** Another one waits for room, and among those that could give it no preview has been idle for longer. */
  givesRoom: boolean;
};

export type Line = {
  /** Counted from 1, among those that wait for the same. */
  place: number;
  of: number;
  because: string;
  /** The preview that could be put to sleep for this one. */
  makeRoom?: Preview;
};

/** Room for everyone: what is so until somebody has counted. */
export const anyRoom: Capacity = { givesRoom: false };

type Resource = "builds" | "previews";
type Scope = keyof Scoped;
export type Needs = Record<Resource, boolean>;
/** One that asks to be counted. */
type Claim = { key: PreviewKey; since: string; uid: string; needs: Needs };
type Full = { resource: Resource; scope: Scope };

/** Phases in which nobody works on a preview, which may run; where a commit has failed, an older one does. */
const ended: ReadonlySet<Phase | undefined> = new Set(["Ready", "Failing", "Failed"] as const);
/** The narrowest first: whoever is blocked by its own repository learns that. */
const scopes: readonly Scope[] = ["repository", "installation", "all"];

/** Whether it is on its way back from sleep, which takes room but no builder. */
export function isWaking({ status: { phase, asleep } }: Preview): boolean {
  return phase === "Deploying" && asleep !== undefined;
}

/** Whether it is being built or deployed, and so counts among those who are. */
export function isAtWork(preview: Preview): boolean {
  const { phase, startedWorkAt } = preview.status;
  return startedWorkAt !== undefined && (phase === "Building" || phase === "Deploying") && !isWaking(preview);
}

/** Whether it waits for a place; what waits for another try does not. */
export function isInLine({ deleting, status: { phase, waitingSince } }: Preview): boolean {
  return !deleting && phase === "Waiting" && waitingSince !== undefined;
}

/** Whether it takes room in the cluster, or may at any moment. What is on its way to sleep, or back, does. */
export function takesRoom(preview: Preview): boolean {
  const { namespace, asleep, phase } = preview.status;
  const sleeps = asleep !== undefined && (phase === "Asleep" || phase === "Waiting");
  return (namespace !== undefined || isAtWork(preview)) && !sleeps;
}

/** What a preview needs to be built and deployed, or only woken. What runs already has its room. */
export function needsOf(preview: Preview | undefined, wakes: boolean): Needs {
  const { namespace, asleep } = preview?.status ?? {};
  return { builds: !wakes, previews: namespace === undefined || asleep !== undefined };
}

/** What a preview needs to be left as it is. */
export const needsNothing: Needs = { builds: false, previews: false };

/**
 * Counts what there is, lets those in line go in their turn as far as there is room, and says where the claimant
 * stands. Its own record may have claimed a place already; all other claims count, whoever made theirs first.
 */
export function capacityOf(
  records: readonly Preview[],
  limits: Limits,
  own: { key: PreviewKey; needs: Needs },
  now: Date,
): Capacity {
  const mine = records.find((record) => sameKey(keyOf(record), own.key));
  const others = records.filter((record) => record !== mine);
  const since = mine?.status.waitingSince ?? mine?.status.startedWorkAt ?? now.toISOString();
  const claim: Claim = { ...own, since, uid: mine?.uid ?? "" };
  const count = createCount(limits, others);
  // Of its own it counts already what it does not ask for.
  if (mine !== undefined && takesRoom(mine) && !own.needs.previews) count.add(own.key, "previews");

  const { admitted, blocked } = admit(count, [...others.filter(isInLine).map(claimOf), claim]);
  const victims = victimsOf(records, limits, blocked, now);
  const givesRoom = mine !== undefined && [...victims.values()].includes(mine);
  if (admitted.includes(claim)) return { givesRoom };

  const { full } = blocked.find((each) => each.claim === claim) ?? {};
  if (full === undefined) throw new Error("a claim is neither admitted nor blocked");
  const rivals = blocked.map((each) => each.claim).filter((each) => inScope(full.scope, each.key, own.key));
  const makeRoom = victims.get(claim);
  const because = reasonOf(full, limits[full.resource][full.scope] ?? 0);
  const line = { place: rivals.indexOf(claim) + 1, of: rivals.length, because };
  return { line: makeRoom === undefined ? line : { ...line, makeRoom }, givesRoom };
}

/** Those in line for whom there is room now, in their turn. */
export function nextInLine(records: readonly Preview[], limits: Limits): Preview[] {
  const waiting = records.filter(isInLine);
  const { admitted } = admit(createCount(limits, records), waiting.map(claimOf));
  return admitted.flatMap(({ uid }) => waiting.filter((record) => record.uid === uid));
}

/** Those that are to sleep now so that others in line have room. */
export function givingRoom(records: readonly Preview[], limits: Limits, now: Date): Preview[] {
  const { blocked } = admit(createCount(limits, records), records.filter(isInLine).map(claimOf));
  return [...victimsOf(records, limits, blocked, now).values()];
}

/** Whether the limits say anything about previews: only then can one have to give room. */
export function limitsPreviews({ previews }: Limits): boolean {
  return scopes.some((scope) => previews[scope] !== undefined);
}

/** The records without the claims that were made after this one's, which will step back as soon as they count. */
export function withoutLaterClaims(records: readonly Preview[], own: Preview): Preview[] {
  return records.filter((record) => !(isAtWork(record) || isWaking(record)) || rankOf(record) <= rankOf(own));
}

function rankOf({ status, uid }: Preview): string {
  return `${status.startedWorkAt ?? ""} ${uid}`;
}

function claimOf(record: Preview): Claim {
  const { waitingSince, asleep, deployedCommit, observedCommit } = record.status;
  const isShown = observedCommit !== undefined && deployedCommit === commitToShow(record, observedCommit);
  const wakes = asleep !== undefined && isShown;
  return { key: keyOf(record), since: waitingSince ?? "", uid: record.uid, needs: needsOf(record, wakes) };
}

/** How many there are of each resource in each scope. */
type Count = {
  add(key: PreviewKey, resource: Resource): void;
  of(key: PreviewKey, resource: Resource, scope: Scope): number;
  /** The first limit that leaves no room for the claim. */
  full(claim: Claim): Full | undefined;
};

function createCount(limits: Limits, records: readonly Preview[]): Count {
  const numbers = new Map<string, number>();
  const count: Count = {
    add(key, resource) {
      for (const scope of scopes) numbers.set(countName(key, resource, scope), count.of(key, resource, scope) + 1);
    },
    of: (key, resource, scope) => numbers.get(countName(key, resource, scope)) ?? 0,
    full({ key, needs }) {
      for (const resource of ["builds", "previews"] as const) {
        const scope = scopes.find((each) => count.of(key, resource, each) >= (limits[resource][each] ?? Infinity));
        if (needs[resource] && scope !== undefined) return { resource, scope };
      }
      return undefined;
    },
  };
  for (const record of records) {
    if (isAtWork(record)) count.add(keyOf(record), "builds");
    if (takesRoom(record)) count.add(keyOf(record), "previews");
  }
  return count;
}

function countName(key: PreviewKey, resource: Resource, scope: Scope): string {
  const ids = { repository: key.repository.id, installation: key.installation, all: 0 };
  return `${resource}/${scope}/${ids[scope]}`;
}

/** Lets them go one by one; whom there is no room for does not stop those behind it that need something else. */
function admit(count: Count, claims: readonly Claim[]): { admitted: Claim[]; blocked: { claim: Claim; full: Full }[] } {
  const admitted: Claim[] = [];
  const blocked: { claim: Claim; full: Full }[] = [];
  for (const claim of inTurn(count, claims)) {
    const full = count.full(claim);
    if (full !== undefined) {
      blocked.push({ claim, full });
      continue;
    }
    admitted.push(claim);
    for (const resource of ["builds", "previews"] as const) if (claim.needs[resource]) count.add(claim.key, resource);
  }
  return { admitted, blocked };
}

/** Repository by repository in turn: first who has least at work and in line before it, then who has waited longest. */
function inTurn(count: Count, claims: readonly Claim[]): Claim[] {
  const byAge = claims.toSorted((a, b) => order(`${a.since} ${a.uid}`, `${b.since} ${b.uid}`));
  const before = new Map<number, number>();
  const ranked = byAge.map((claim) => {
    const { id } = claim.key.repository;
    const rank = before.get(id) ?? count.of(claim.key, "builds", "repository");
    before.set(id, rank + 1);
    return { claim, rank };
  });
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ claim }) => claim);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function inScope(scope: Scope, one: PreviewKey, other: PreviewKey): boolean {
  if (scope === "all") return true;
  return scope === "installation" ? one.installation === other.installation : one.repository.id === other.repository.id;
}

/** For each claim the preview that has been idle for longest among those whose sleep would make room for it; one each. */
function victimsOf(
  records: readonly Preview[],
  limits: Limits,
  blocked: readonly { claim: Claim; full: Full }[],
  now: Date,
): Map<Claim, Preview> {
  const { makeRoom } = limits;
  if (makeRoom === false) return new Map();
  const idle = records
    .filter((record) => mayGiveRoom(record, makeRoom.leastIdleMs, now))
    .toSorted((a, b) => lastActivity(a) - lastActivity(b) || order(a.uid, b.uid));
  const victims = new Map<Claim, Preview>();
  for (const { claim, full } of blocked) {
    if (full.resource !== "previews") continue;
    const found = idle.findIndex((record) => inScope(full.scope, keyOf(record), claim.key));
    for (const victim of found === -1 ? [] : idle.splice(found, 1)) victims.set(claim, victim);
  }
  return victims;
}

/** One that was used just now is not taken away from whoever uses it. */
function mayGiveRoom(preview: Preview, leastIdleMs: number, now: Date): boolean {
  const { deleting, spec, status } = preview;
  const runs = ended.has(status.phase) && takesRoom(preview) && !deleting;
  const kept = spec.keep === true || (spec.keepUntil !== undefined && Date.parse(spec.keepUntil) > now.getTime());
  return runs && !kept && now.getTime() - lastActivity(preview) >= leastIdleMs;
}

const scopeWords: Record<Scope, string> = {
  repository: "of this repository",
  installation: "of this organisation or user",
  all: "in all",
};

function reasonOf({ resource, scope }: Full, limit: number): string {
  return resource === "builds"
    ? `As many pull requests ${scopeWords[scope]} are being built or deployed as the operator allows at once (${limit}).`
    : `As many previews ${scopeWords[scope]} are running as the operator allows at once (${limit}).`;
}
