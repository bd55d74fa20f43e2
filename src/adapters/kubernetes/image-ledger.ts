import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import type { Ledger, LedgerEntry } from "../../images/ledger.ts";
import type { ImageLedger } from "../../ports/image-ledger.ts";
import { FailureError } from "../../preview/failure.ts";
import { during, isConflict, isNotFound, unlessMissing } from "./api-error.ts";
import { type ApiObject, apiObject } from "./api-object.ts";
import { type KubernetesApi, mergePatch } from "./api.ts";
import { listAll } from "./follow.ts";
import { pathOf, resources } from "./resources.ts";

const label = "greenroom.dev/repository-id";

const entrySchema = z.object({
  reference: z.string(),
  state: z.enum(["building", "kept", "deleting"]),
  since: z.string(),
  usedAt: z.string(),
  digest: z.string().optional(),
  older: z.array(z.string()).optional(),
  mergedAt: z.string().optional(),
  collector: z.string().optional(),
}) satisfies z.ZodType<LedgerEntry & { reference: string }>;

/** Of the 1 MiB that an object may have, its metadata included. */
const mostBytes = 900_000;
const mostTries = 30;

/** A ConfigMap per repository in Greenroom's own namespace, an entry for each tag. */
export function createImageLedger(api: KubernetesApi, namespace: string): ImageLedger {
  const collection = pathOf(resources.ConfigMap, namespace);
  const path = (repositoryId: number) => pathOf(resources.ConfigMap, namespace, nameOf(repositoryId));
  const load = (repositoryId: number, signal: AbortSignal) =>
    unlessMissing(api.json({ path: path(repositoryId), signal }).then(apiObject));

  /** Writes the difference; rejects with a conflict where somebody else wrote after `found` was read. */
  async function write(
    repositoryId: number,
    found: ApiObject | undefined,
    wanted: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<void> {
    if (found === undefined) {
      const metadata = { name: nameOf(repositoryId), labels: { [label]: String(repositoryId) } };
      const body = { apiVersion: "v1", kind: "ConfigMap", metadata, data: Object.fromEntries(wanted) };
      await api.json({ method: "POST", path: collection, body, signal });
      return;
    }
    const { resourceVersion, uid } = found.metadata;
    if (wanted.size === 0) {
      const body = { preconditions: { uid, resourceVersion } };
      await unlessMissing(api.json({ method: "DELETE", path: path(repositoryId), body, signal }));
      return;
    }
    const before = dataOf(found);
    const changes: [string, string | null][] = [
      ...[...wanted].filter(([key, text]) => before[key] !== text),
      ...Object.keys(before).flatMap((key): [string, null][] => (wanted.has(key) ? [] : [[key, null]])),
    ];
    const body = { metadata: { resourceVersion }, data: Object.fromEntries(changes) };
    await api.json({ method: "PATCH", path: path(repositoryId), body, contentType: mergePatch, signal });
  }

  return {
    repositories: (signal) =>
      during("listing the image ledgers", async () => {
        const query = { labelSelector: label };
        const of = { path: collection, query, apiVersion: "v1", kind: "ConfigMap" };
        const { items } = await listAll(api, of, signal);
        return items
          .filter(({ metadata }) => metadata.name === nameOf(Number(metadata.labels?.[label])))
          .map(({ metadata }) => Number(metadata.labels?.[label]));
      }),

    read: (repositoryId, signal) =>
      during("reading the image ledger", async () => ledgerOf(await load(repositoryId, signal))),

    update: (repositoryId, change, signal) =>
      during("writing the image ledger", async () => {
        for (let round = 1; round <= mostTries; round += 1) {
          const found = await load(repositoryId, signal);
          const before = ledgerOf(found);
          const changed = change(before);
          if (changed === before) return before;
          const kept = bounded(changed);
          try {
            await write(repositoryId, found, encode(kept), signal);
            return kept;
          } catch (error) {
            if (!isConflict(error) && !isNotFound(error)) throw error;
          }
          // Many builds of one repository may end together; who waits differently long gets through.
          await wait(Math.random() * 20 * round, undefined, { signal });
        }
        throw new FailureError({
          kind: "transient",
          code: "image-ledger-busy",
          what: "Too many builds of this repository wrote down their images at once.",
          remedy: "It is tried again.",
        });
      }),
  };
}

function nameOf(repositoryId: number): string {
  return `images-${repositoryId}`;
}

function dataOf(object: ApiObject | undefined): Record<string, string> {
  return z.record(z.string(), z.string()).catch({}).parse(object?.["data"]);
}

function ledgerOf(object: ApiObject | undefined): Ledger {
  const ledger = new Map<string, LedgerEntry>();
  for (const text of Object.values(dataOf(object))) {
    const { success, data } = entrySchema.safeParse(parse(text));
    if (!success) continue;
    const { reference, ...entry } = data;
    ledger.set(reference, entry);
  }
  return ledger;
}

function encode(ledger: Ledger): Map<string, string> {
  return new Map([...ledger].map(([reference, entry]) => [keyOf(reference), textOf(reference, entry)]));
}

/** References have characters that a ConfigMap's keys may not have. */
function keyOf(reference: string): string {
  return createHash("sha256").update(reference).digest("hex").slice(0, 40);
}

function textOf(reference: string, entry: LedgerEntry): string {
  return JSON.stringify({ reference, ...entry });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What an object has room for, without those that were not used for longest: forgetting one costs a build, and leaves
 * its tag in the registry. What is being deleted is never forgotten, since somebody may have to wait for that.
 */
function bounded(ledger: Ledger): Ledger {
  let room = mostBytes;
  const newest = [...ledger].toSorted(([, a], [, b]) => rank(b).localeCompare(rank(a)));
  const fits = newest.filter(([reference, entry]) => (room -= textOf(reference, entry).length + 60) > 0);
  return fits.length === ledger.size ? ledger : new Map(fits);
}

function rank({ state, usedAt }: LedgerEntry): string {
  return `${state === "deleting" ? 1 : 0} ${usedAt}`;
}
