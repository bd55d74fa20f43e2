import { randomUUID } from "node:crypto";
import { condemn, condemnedBy, due, isNamed, type Named, ownDigests, refreshed, settle } from "../images/collect.ts";
import { deletionMs, type Ledger, type LedgerEntry, repositoryOf } from "../images/ledger.ts";
import { inParallel } from "../in-parallel.ts";
import { type Failure, failureOf } from "../preview/failure.ts";
import type { Preview } from "../preview/preview.ts";
import type { World } from "./world.ts";

export type CollectorWorld = Pick<World, "ledger" | "registry" | "clock" | "log"> & {
  records: Pick<World["records"], "listFresh">;
  rules: Pick<World["rules"], "images">;
};

/** Repositories whose images are deleted together, after one look at the records. */
const group = 20;
/** Images of one repository that are deleted in one run; the rest waits for the next. */
const batch = 50;
const atOnce = 8;

/** What one collector has condemned of one repository. */
type Condemned = {
  repositoryId: number;
  collector: string;
  ledger: Ledger;
  entries: [string, LedgerEntry][];
  /** After this nothing is deleted any more. */
  notAfter: Date;
};

/**
 * Deletes images that no record has named for the time of grace. Any number may run at once, and be stopped anywhere.
 * Only what the ledger has is ever deleted, and only if no record is seen to name it after it was condemned there;
 * `obtainImage` is the other side of that. The trouble of one repository is logged and stops no other.
 */
export async function collectImages(world: CollectorWorld, signal: AbortSignal): Promise<void> {
  if (world.rules.images.graceMs === 0) return;
  const named = namesIn(await world.records.listFresh(signal));
  const repositories = await world.ledger.repositories(signal);
  const withWork = await each(world, repositories, (id) => hasWork(world, id, named, signal), signal);
  let deleted = 0;
  for (const some of groupsOf(withWork.filter(({ result }) => result).map(({ repositoryId }) => repositoryId))) {
    const condemned = await each(world, some, (id) => condemnDue(world, id, named, signal), signal);
    const chosen = new Map(condemned.map(({ repositoryId, result }) => [repositoryId, result]));
    if (condemned.every(({ result }) => result.entries.length === 0)) continue;
    const namedNow = namesIn(await world.records.listFresh(signal));
    const ended = await each(
      world,
      [...chosen.keys()],
      async (id) => {
        const own = chosen.get(id);
        return own === undefined ? undefined : await deleteCondemned(world, own, namedNow, signal);
      },
      signal,
    );
    for (const { result } of ended) deleted += result?.deleted ?? 0;
    const refusal = ended.find(({ result }) => result?.refusal !== undefined)?.result?.refusal;
    if (refusal !== undefined) {
      world.log.error({ code: refusal.code }, `${refusal.what} ${refusal.remedy}`);
      break;
    }
  }
  world.log.info({ repositories: repositories.length, deleted }, "collected images");
}

/** Everything that the records name: what is wanted now, and what the release that runs was made of. */
function namesIn(records: readonly Preview[]): Named {
  const names = new Set<string>();
  for (const { status } of records) {
    for (const { reference, digest } of status.images ?? []) {
      names.add(reference);
      if (digest !== undefined) names.add(`${repositoryOf(reference)}@${digest}`);
    }
    for (const image of status.deployedImages ?? []) {
      const [reference = "", digest] = image.split("@");
      names.add(reference);
      names.add(`${repositoryOf(reference)}@${digest}`);
    }
  }
  return names;
}

/** Whether something is due; notes on the way what is in use. */
async function hasWork(world: CollectorWorld, id: number, named: Named, signal: AbortSignal): Promise<boolean> {
  const rules = world.rules.images;
  const read = await world.ledger.read(id, signal);
  const isFresh = refreshed(read, world.clock.now(), rules, named) === read;
  const ledger = isFresh
    ? read
    : await world.ledger.update(id, (now) => refreshed(now, world.clock.now(), rules, named), signal);
  return due(ledger, world.clock.now(), rules, named).length > 0;
}

async function condemnDue(world: CollectorWorld, id: number, named: Named, signal: AbortSignal): Promise<Condemned> {
  const rules = world.rules.images;
  const found = await world.ledger.read(id, signal);
  const references = due(found, world.clock.now(), rules, named).slice(0, batch);
  const resolved = new Map<string, string>();
  const unknown = references.filter((reference) => found.get(reference)?.digest === undefined);
  const asking = inParallel(unknown, atOnce, async (reference) => {
    const digest = await world.registry.digest(reference, signal);
    if (digest !== undefined) resolved.set(reference, digest);
  });
  for await (const _ of asking) signal.throwIfAborted();
  const collector = randomUUID();
  let condemnedAt = world.clock.now();
  const ledger = await world.ledger.update(
    id,
    (before) => {
      condemnedAt = world.clock.now();
      return condemn(before, { references, collector, resolved }, condemnedAt, rules, named);
    },
    signal,
  );
  const notAfter = new Date(condemnedAt.getTime() + deletionMs);
  return { repositoryId: id, collector, ledger, entries: condemnedBy(ledger, collector), notAfter };
}

/** Deletes what is still not wanted. What could not be deleted stays condemned, for another collector or its next build. */
async function deleteCondemned(
  world: CollectorWorld,
  { repositoryId, collector, ledger, entries, notAfter }: Condemned,
  named: Named,
  signal: AbortSignal,
): Promise<{ deleted: number; refusal: Failure | undefined }> {
  const spared = new Set(
    entries.flatMap(([reference, entry]) => (isNamed(reference, entry, named) ? [reference] : [])),
  );
  const wanted: ReadonlySet<string> = new Set(spared);
  const deleted = new Set<string>();
  let refusal: Failure | undefined;
  const deleteOne = async ([reference, entry]: [string, LedgerEntry]): Promise<void> => {
    if (wanted.has(reference)) return;
    try {
      for (const digest of ownDigests(ledger, reference, entry, wanted)) {
        await world.registry.delete(repositoryOf(reference), digest, notAfter, signal);
      }
      deleted.add(reference);
    } catch (error) {
      signal.throwIfAborted();
      const failure = failureOf(error);
      if (failure.kind === "operator") {
        refusal = failure;
        spared.add(reference);
      } else world.log.warn({ reference, code: failure.code }, `an image is not deleted yet: ${failure.what}`);
    }
  };
  for await (const _ of inParallel(entries, atOnce, deleteOne)) signal.throwIfAborted();
  await world.ledger.update(
    repositoryId,
    (now) => settle(now, collector, { deleted, spared }, world.clock.now()),
    signal,
  );
  return { deleted: deleted.size, refusal };
}

function groupsOf(ids: readonly number[]): number[][] {
  return Array.from({ length: Math.ceil(ids.length / group) }, (_, index) =>
    ids.slice(index * group, (index + 1) * group),
  );
}

/** What `work` gave for each repository where it did not fail. */
async function each<T>(
  world: CollectorWorld,
  ids: readonly number[],
  work: (repositoryId: number) => Promise<T>,
  signal: AbortSignal,
): Promise<{ repositoryId: number; result: T }[]> {
  const results: { repositoryId: number; result: T }[] = [];
  const working = inParallel(ids, atOnce, async (repositoryId) => {
    try {
      results.push({ repositoryId, result: await work(repositoryId) });
    } catch (error) {
      signal.throwIfAborted();
      const { code, what } = failureOf(error);
      world.log.warn({ repository: repositoryId, code }, `images of a repository are not collected: ${what}`);
    }
  });
  for await (const _ of working) signal.throwIfAborted();
  return results;
}
