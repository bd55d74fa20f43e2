import { FailureError } from "../../preview/failure.ts";
import { previewApi, previewFinalizer, previewStatus } from "../../preview/preview.ts";
import type { Preview, PreviewStatus } from "../../preview/preview.ts";
import type { Records } from "../../ports/records.ts";
import { isTooLate } from "../../preview/spec-changes.ts";
import { SupersededError } from "../../ports/records.ts";
import { during, isConflict, isNotFound, unlessMissing } from "./api-error.ts";
import { apiObject } from "./api-object.ts";
import { mergePatch } from "./api.ts";
import type { KubernetesApi } from "./api.ts";
import { decodeRecord, readable } from "./decode-record.ts";
import { listAll } from "./follow.ts";
import { countOf, type RecordCache, recordsIn, type Written } from "./record-cache.ts";

const repositoryLabel = "greenroom.dev/repository-id";
const pullRequestLabel = "greenroom.dev/pull-request";

/** Oldest first, should two records of one pull request ever exist. */
function byAge(a: Preview, b: Preview): number {
  return `${a.createdAt} ${a.name}`.localeCompare(`${b.createdAt} ${b.name}`);
}

type Changes = Parameters<Records["report"]>[1];

/** Fields are replaced as a whole, and removed where the change says undefined. */
function changed(status: PreviewStatus, changes: Changes): PreviewStatus {
  const merged = { ...status, ...changes };
  return previewStatus.parse(Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)));
}

/** The Preview records in Greenroom's own namespace. */
export function createRecords(api: KubernetesApi, namespace: string, cache: RecordCache): Records {
  const all = recordsIn(namespace);
  const { path: collection, apiVersion } = all;
  const pathTo = (name: string) => `${collection}/${encodeURIComponent(name)}`;

  const written: Written = { version: 0n, removed: new Set() };
  /** Remembers a write of this process's. */
  const own = (preview: Preview): Preview => {
    const version = countOf(preview.resourceVersion) ?? 0n;
    if (version > written.version) written.version = version;
    return preview;
  };

  const read = async (name: string, signal: AbortSignal) => {
    const object = await unlessMissing(api.json({ path: pathTo(name), signal }));
    return object === undefined ? undefined : decodeRecord(object);
  };

  /** The record as it is now, if it is still this one. */
  async function newer(preview: Preview, signal: AbortSignal): Promise<Preview> {
    const found = await read(preview.name, signal);
    if (found === undefined || found.uid !== preview.uid) throw new SupersededError(preview.name);
    return found;
  }

  /** Writes what `next` makes of the newest status, until no other write came between; its own record only. */
  async function writeStatus(
    preview: Preview,
    next: (current: Preview) => PreviewStatus,
    signal: AbortSignal,
  ): Promise<Preview> {
    for (let current = preview; ; ) {
      const body = {
        apiVersion,
        kind: previewApi.kind,
        metadata: { name: current.name, namespace, uid: current.uid, resourceVersion: current.resourceVersion },
        spec: current.spec,
        status: next(current),
      };
      try {
        return own(
          decodeRecord(await api.json({ method: "PUT", path: `${pathTo(current.name)}/status`, body, signal })),
        );
      } catch (thrown) {
        if (!isConflict(thrown) && !isNotFound(thrown)) throw thrown;
        current = await newer(preview, signal);
      }
    }
  }

  const find: Records["find"] = async (key, signal) => {
    const labelSelector = `${repositoryLabel}=${key.repository.id},${pullRequestLabel}=${key.number}`;
    const list = await listAll(api, { ...all, query: { labelSelector } }, signal);
    return list.items.map(decodeRecord).toSorted(byAge)[0];
  };

  const listFresh: Records["listFresh"] = (signal) =>
    during("reading all records", async () => {
      // Without a version the API server answers with what is stored, never with an older copy.
      const list = await listAll(api, all, signal);
      return list.items.flatMap(readable);
    });

  return {
    find: (key, signal) => during("reading the preview's record", () => find(key, signal)),

    ensure: (key, names, spec, signal) =>
      during("writing the preview's record", async () => {
        const existing = await find(key, signal);
        if (existing !== undefined) return existing;
        for (const name of names) {
          const labels = { [repositoryLabel]: String(key.repository.id), [pullRequestLabel]: String(key.number) };
          const metadata = { name, namespace, labels, finalizers: [previewFinalizer] };
          const body = { apiVersion, kind: previewApi.kind, metadata, spec };
          try {
            return own(decodeRecord(await api.json({ method: "POST", path: collection, body, signal })));
          } catch (thrown) {
            if (!isConflict(thrown)) throw thrown;
            const holder = await read(name, signal);
            const ours = holder?.spec.repository.id === key.repository.id && holder.spec.pullRequest === key.number;
            if (holder !== undefined && ours) return holder;
          }
        }
        throw new FailureError({
          kind: "operator",
          code: "record-names-taken",
          what: `Every name this preview may have (${names.map((name) => `\`${name}\``).join(", ")}) belongs to another one.`,
          remedy: "Delete or rename the record that holds the name.",
        });
      }),

    claim: (preview, signal) =>
      during("taking the preview over", () =>
        writeStatus(preview, ({ status }) => ({ ...status, attempt: (status.attempt ?? 0) + 1 }), signal),
      ),

    report: (preview, changes, signal) =>
      during("writing the preview's status", () =>
        writeStatus(
          preview,
          (current) => {
            if (current.status.attempt !== preview.status.attempt) throw new SupersededError(preview.name);
            return changed(current.status, changes);
          },
          signal,
        ),
      ),

    amend: (preview, changes, signal) =>
      during("changing the preview's record", async () => {
        const removed = Object.entries(changes).map(([name, value]) => [name, value ?? null]);
        const spec: unknown = Object.fromEntries(removed);
        for (let current = preview; ; ) {
          if (isTooLate(preview.spec, current.spec, changes)) throw new SupersededError(current.name);
          const { uid, resourceVersion } = current;
          const body = { metadata: { uid, resourceVersion }, spec };
          try {
            const path = pathTo(preview.name);
            return own(decodeRecord(await api.json({ method: "PATCH", path, contentType: mergePatch, body, signal })));
          } catch (thrown) {
            if (!isConflict(thrown) && !isNotFound(thrown)) throw thrown;
            current = await newer(preview, signal);
          }
        }
      }),

    remove: (preview, signal) =>
      during("removing the preview's record", async () => {
        const path = pathTo(preview.name);
        const body = { preconditions: { uid: preview.uid } };
        try {
          // Deleted first: a record without its finalizer must not be seen alive.
          await api.json({ method: "DELETE", path, body, signal });
          for (;;) {
            const { metadata: now } = apiObject(await api.json({ path, signal }));
            if (now.uid !== preview.uid) return;
            const held = now.finalizers ?? [];
            const finalizers = held.filter((each) => each !== previewFinalizer);
            if (finalizers.length === held.length) return;
            const metadata = { resourceVersion: now.resourceVersion, finalizers };
            try {
              await api.json({ method: "PATCH", path, contentType: mergePatch, body: { metadata }, signal });
              if (finalizers.length === 0) written.removed.add(preview.uid);
              return;
            } catch (thrown) {
              if (!isConflict(thrown)) throw thrown;
            }
          }
        } catch (thrown) {
          // Gone already, or another record of that name stands there now.
          if (!isNotFound(thrown) && !isConflict(thrown)) throw thrown;
        }
      }),

    list: () => cache.list(),

    async listCaughtUp(signal) {
      signal.throwIfAborted();
      return (await cache.listFrom(written)) ?? (await listFresh(signal));
    },

    listFresh,
  };
}
