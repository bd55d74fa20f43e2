import { givingRoom, isInLine, type Limits, nextInLine } from "../../policy/capacity.ts";
import { expiryStatus, isExpired, type Lifetime } from "../../policy/lifetime.ts";
import type { OpenPullRequests, Unread } from "../../ports/installations.ts";
import { isRedoDue, stopped, wasCalledAsleep } from "../../preview/decide.ts";
import { keyOf, keyString, type PreviewKey } from "../../preview/key.ts";
import type { Phase, Preview } from "../../preview/preview.ts";

/** A pull request without a record that was looked at: which state of it, and when. */
export type Looked = { version: string; at: number };

export type Compared = {
  /** What GitHub shows, as far as it could be read. */
  open: readonly OpenPullRequests[];
  unread: readonly Unread[] | "everything";
  records: readonly Preview[];
  now: Date;
  lifetime: Lifetime;
  limits: Limits;
  looked: ReadonlyMap<string, Looked>;
  /** Number of the sweep; of those who wait in line it picks some to be told their place. */
  turn: number;
};

/** A pull request that has to be looked at. */
export type Look = {
  key: PreviewKey;
  because: string;
  /** To be remembered once the look is asked for, so that it is not asked for again. */
  looked?: Looked;
};

/** Phases that an attempt leaves by itself, unless its worker or the queue was lost. */
const underWay = new Set<Phase | undefined>([undefined, "Building", "Deploying", "Removing"]);
const running = new Set<Phase | undefined>(["Ready", "Failing"]);

/** Looks at pull requests without a record are repeated after a day: by then somebody may have repaired something. */
const forgetMs = 24 * 3_600_000;
/** Who waits in line and cannot go yet is told its place once in so many sweeps. */
const placeTurns = 10;
/** A list of pull requests does not tell what their authors may do. */
const trustTurns = 60;
/** Nor what their base branch wants previews of, which changes seldom. */
const policyTurns = 1_440;
/** For so long each sweep looks whether a worker that had been stopped contradicts its successor; then one in so many. */
const soonMs = 30 * 60_000;
const lateTurns = 60;

/** Compares everything with everything and names the pull requests that need a look, fairly among repositories. */
export function compare(seen: Compared): Look[] {
  const records = new Map(seen.records.map((record) => [keyString(keyOf(record)), record]));
  const next = new Set(nextInLine(seen.records, seen.limits));
  const givers = new Set(givingRoom(seen.records, seen.limits, seen.now));
  const dueOf = (record: Preview) => {
    if (next.has(record)) return "it is next in line";
    return givers.has(record) ? "others need its room" : dueByItself(record, seen);
  };
  const looks: Look[] = [];
  const open = new Set<string>();
  for (const { installation, repository, pullRequests } of seen.open) {
    for (const { number, head, version, traits } of pullRequests) {
      const key: PreviewKey = { installation, repository, number };
      const name = keyString(key);
      if (open.has(name)) continue;
      open.add(name);
      const record = records.get(name);
      if (record === undefined) {
        const before = seen.looked.get(name);
        const fresh = before?.version === version && seen.now.getTime() - before.at < forgetMs;
        const looked = { version, at: seen.now.getTime() };
        if (!fresh) looks.push({ key, because: "it has no record", looked });
      } else {
        const because = changeOf(record, head, traits) ?? dueOf(record);
        if (because !== undefined) looks.push({ key, because });
      }
    }
  }
  const installations = new Map(seen.open.map(({ installation, repository }) => [repository.id, installation]));
  const unseen = unseenRepositories(seen.unread);
  for (const [name, record] of records) {
    if (open.has(name)) continue;
    const key = keyOf(record);
    const installation = installations.get(key.repository.id);
    const because =
      installation === undefined && unseen(key.repository.id)
        ? dueOf(record)
        : installation === undefined
          ? "the app has no access to its repository any more"
          : "it is not open";
    if (because !== undefined) looks.push({ key: { ...key, installation: installation ?? key.installation }, because });
  }
  return fairly(looks);
}

/** What of the pull request has changed since the last look. */
function changeOf({ spec, status }: Preview, head: string, traits: string): string | undefined {
  if (status.observedCommit !== head) return "it has another head";
  return spec.traits === undefined || spec.traits === traits ? undefined : "its labels, draft state or base are others";
}

/** Why a record needs a look whatever its pull request is like now. */
function dueByItself(record: Preview, seen: Compared): string | undefined {
  const { phase, reported } = record.status;
  if (record.deleting) return "its record was deleted";
  if (mayBeContradicted(record, seen)) return "a worker that had been stopped may have said something since";
  if (underWay.has(phase)) return "work on it may have been lost";
  if (phase === "Waiting") {
    if (!isInLine(record)) return "its next try may have been lost";
    return isItsTurn(record, seen.turn, placeTurns) ? "its place in the line may be another" : undefined;
  }
  const because = phase === "Held" ? dueWhileHeld(record, seen) : dueWhileThere(record, seen);
  return because ?? (reported === undefined ? "GitHub was not told" : undefined);
}

/** Whether somebody who never ended may have spoken: soon if at all, but a machine can stand still for hours. */
function mayBeContradicted(record: Preview, { now, turn }: Compared): boolean {
  const { overtakenAt } = record.status;
  if (overtakenAt === undefined) return false;
  const age = now.getTime() - Date.parse(overtakenAt);
  return age < soonMs || (age < forgetMs && isItsTurn(record, turn, lateTurns));
}

/** What the record alone says about somebody whose preview was taken away; the rest is between them and GitHub. */
function dueWhileHeld(record: Preview, { now, lifetime, turn }: Compared): string | undefined {
  const { spec, status } = record;
  if (status.reason === stopped.reason) return spec.want === "stopped" ? undefined : `it is wanted ${spec.want}`;
  if (status.expiresAt !== undefined) {
    if (spec.want !== "running") return `it is wanted ${spec.want}`;
    if (isRedoDue(record)) return "it is to be deployed once more";
    const isOver = lifetime.afterwards === "remove" && isExpired(record, lifetime, now);
    return isOver ? undefined : "it has more time";
  }
  if (status.unwanted !== undefined) {
    if (status.unwanted.onRequest && spec.requested === true) return "somebody asked for it";
    return isItsTurn(record, turn, policyTurns) ? "it may be wanted by now" : undefined;
  }
  return isItsTurn(record, turn, trustTurns) ? "it may be trusted by now" : undefined;
}

/** What time, visits and wishes have changed about a preview on which nobody works. */
function dueWhileThere(record: Preview, { now, lifetime }: Compared): string | undefined {
  const { spec, status } = record;
  const sleepsOnDemand = status.phase === "Asleep" && status.asleep?.because === "asked";
  if (wasCalledAsleep(record)) return "somebody visited it or asked for it";
  if (spec.want === "stopped" || (spec.want === "asleep") !== sleepsOnDemand) return `it is wanted ${spec.want}`;
  if (spec.want === "running" && isRedoDue(record)) return "it is to be deployed once more";
  const mayEnd = status.namespace !== undefined && (lifetime.afterwards === "remove" || status.phase !== "Asleep");
  if (!sleepsOnDemand && mayEnd && isExpired(record, lifetime, now)) return "its time is over";
  if (!running.has(status.phase)) return undefined;
  const { warnedFor } = expiryStatus(record, lifetime, now);
  if (status.warnedFor === warnedFor) return undefined;
  return warnedFor === undefined ? "it has more time" : "its time is nearly over";
}

/** Whether one of many that may have to be looked at is among those of this sweep. */
function isItsTurn({ spec }: Preview, turn: number, turns: number): boolean {
  return (spec.pullRequest + turn) % turns === 0;
}

/**
 * Whether a repository that is not among those read may only have been out of sight. A transferred one is in another
 * installation than its records say, so as long as any installation is out of sight, so may it be.
 */
function unseenRepositories(unread: Compared["unread"]): (repository: number) => boolean {
  if (unread === "everything" || unread.some((each) => !("repository" in each))) return () => true;
  const repositories = new Set(unread.flatMap((each) => ("repository" in each ? [each.repository] : [])));
  return (repository) => repositories.has(repository);
}

/** One of each repository, then the next of each, so that the trouble of one does not fill the queue before the rest. */
function fairly(looks: readonly Look[]): Look[] {
  const counts = new Map<number, number>();
  const ranked = looks.map((look) => {
    const rank = counts.get(look.key.repository.id) ?? 0;
    counts.set(look.key.repository.id, rank + 1);
    return { rank, look };
  });
  return ranked.toSorted((one, other) => one.rank - other.rank).map(({ look }) => look);
}
