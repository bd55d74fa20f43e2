import { type Preview, previewApi } from "../../preview/preview.ts";
import { during } from "./api-error.ts";
import type { ApiObject } from "./api-object.ts";
import type { KubernetesApi } from "./api.ts";
import { readable } from "./decode-record.ts";
import { type Collection, followThrough } from "./follow.ts";

/** All Preview records of a namespace. */
export function recordsIn(namespace: string): Collection {
  const apiVersion = `${previewApi.group}/${previewApi.version}`;
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${previewApi.plural}`;
  return { path, apiVersion, kind: previewApi.kind };
}

/** What one process has written: the latest version that was answered to it, and the uids of what it removed. */
export type Written = { version: bigint; removed: Set<string> };

/** Longest wait for a watch that lags behind, in milliseconds. */
const longestLagMs = 2_000;

export type RecordCache = {
  list(): Promise<Preview[]>;
  /** All records once the watch has come to what was written; undefined where it does not in time. */
  listFrom(written: Written): Promise<Preview[] | undefined>;
  /** Calls back after every change of any record, until the returned function is called. */
  subscribe(listener: () => void): () => void;
};

/** All records as a watch last saw them; it starts with the first question and ends with `lifetime`. */
export function createRecordCache(api: KubernetesApi, namespace: string, lifetime: AbortSignal): RecordCache {
  const listeners = new Set<() => void>();
  let latest: ReadonlyMap<string, ApiObject> = new Map();
  let reached: bigint | undefined;
  let decoded: Preview[] | undefined;
  /** Of thousands of records one changes at a time. */
  const known = new WeakMap<ApiObject, Preview[]>();
  const remembered = (object: ApiObject): Preview[] => {
    const preview = known.get(object) ?? readable(object);
    known.set(object, preview);
    return preview;
  };
  let synced: Promise<void> | undefined;

  function start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const following = followThrough(
        api,
        recordsIn(namespace),
        (objects, version) => {
          latest = objects;
          reached = countOf(version);
          decoded = undefined;
          resolve();
          for (const listener of listeners) listener();
        },
        // Whoever writes a record hears of it.
        () => undefined,
        lifetime,
      );
      following.then(
        () => reject(lifetime.reason),
        (thrown: unknown) => {
          // Asked again, it starts again: the missing permission may have come meanwhile.
          synced = undefined;
          reject(thrown);
        },
      );
    });
  }

  const list = async (): Promise<Preview[]> => {
    synced ??= start();
    await during("watching its records", () => synced ?? Promise.resolve());
    decoded ??= [...latest.values()].flatMap(remembered);
    return [...decoded];
  };

  const hasComeTo = ({ version, removed }: Written): boolean => {
    if (reached === undefined || reached < version) return false;
    if (removed.size === 0) return true;
    for (const { metadata } of latest.values()) if (removed.has(metadata.uid ?? "")) return false;
    removed.clear();
    return true;
  };

  /** Resolves when it is so after a change, or with false when it is too late. */
  const comesTo = (written: Written): Promise<boolean> =>
    new Promise((resolve) => {
      const end = (isThere: boolean): void => {
        clearTimeout(late);
        listeners.delete(look);
        resolve(isThere);
      };
      const look = () => hasComeTo(written) && end(true);
      const late = setTimeout(() => end(false), longestLagMs);
      listeners.add(look);
    });

  return {
    list,
    async listFrom(written) {
      await list();
      return hasComeTo(written) || (await comesTo(written)) ? await list() : undefined;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** etcd counts its writes: the later of two versions of a collection is the greater one. */
export function countOf(version: string): bigint | undefined {
  return /^\d+$/.test(version) ? BigInt(version) : undefined;
}
