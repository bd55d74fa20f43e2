import { setTimeout as wait } from "node:timers/promises";
import { ApiError } from "./api-error.ts";
import { apiList, at, isApiObject, text } from "./api-object.ts";
import type { ApiObject } from "./api-object.ts";
import type { KubernetesApi } from "./api.ts";

export type Collection = {
  path: string;
  query?: Record<string, string>;
  /** Items of a list come without their own kind. */
  apiVersion: string;
  kind: string;
};

/** Bookmarks come about once a minute; a watch that is silent for longer is dead. */
const silenceMs = 100_000;
const firstDelayMs = 100;
const longestDelayMs = 5_000;

const identity = (object: ApiObject) => `${object.metadata.namespace ?? ""}/${object.metadata.name}`;

/** One consistent list of a collection, and the version from which a watch goes on. */
export async function listAll(
  api: KubernetesApi,
  collection: Collection,
  signal: AbortSignal,
): Promise<{ items: ApiObject[]; resourceVersion: string }> {
  const answer = await api.json({ path: collection.path, query: collection.query ?? {}, signal });
  return apiList(answer, collection.apiVersion, collection.kind);
}

/** One watch until it ends; resolves with the version to go on from. */
async function watchOnce(
  api: KubernetesApi,
  collection: Collection,
  from: string,
  onEvent: (type: string, object: ApiObject) => void,
  signal: AbortSignal,
): Promise<string> {
  let version = from;
  const query = { ...collection.query, watch: true, allowWatchBookmarks: true, resourceVersion: from };
  for await (const line of api.lines({ path: collection.path, query, signal, timeoutMs: silenceMs })) {
    const event: unknown = JSON.parse(line);
    const type = text(at(event, "type"));
    const object = at(event, "object");
    if (!isApiObject(object) || type === "ERROR") {
      const code = at(object, "code");
      const facts = { status: typeof code === "number" ? code : 410, reason: text(at(object, "reason")) };
      throw new ApiError(`the watch of ${collection.path} ended: ${text(at(object, "message"))}`, facts);
    }
    version = object.metadata.resourceVersion;
    if (type !== "BOOKMARK") onEvent(type, object);
  }
  return version;
}

/**
 * Keeps a copy of a collection by one list and a watch, through restarts of the API server and expired versions, and
 * says after the first list and on every change that the copy is new, and as of which version. Resolves when the signal aborts; rejects only
 * where the API server forbids the collection.
 */
export async function follow(
  api: KubernetesApi,
  collection: Collection,
  onChange: (objects: ReadonlyMap<string, ApiObject>, version: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let objects = new Map<string, ApiObject>();
  let version: string | undefined;
  let delay = firstDelayMs;

  while (!signal.aborted) {
    try {
      if (version === undefined) {
        const list = await listAll(api, collection, signal);
        objects = new Map(list.items.map((item) => [identity(item), item]));
        version = list.resourceVersion;
        onChange(objects, version);
      }
      version = await watchOnce(
        api,
        collection,
        version,
        (type, object) => {
          delay = firstDelayMs;
          if (type === "DELETED") objects.delete(identity(object));
          else objects.set(identity(object), object);
          onChange(objects, object.metadata.resourceVersion);
        },
        signal,
      );
    } catch (thrown) {
      if (signal.aborted) return;
      if (!(thrown instanceof ApiError)) throw thrown;
      if (thrown.status === 401 || thrown.status === 403) throw thrown;
      // A version that is gone asks for a new list; after a lost connection the watch goes on where it was.
      if (thrown.status !== undefined) version = undefined;
      delay = Math.min(delay * 2, longestDelayMs);
    }
    // A watch that the server ended, as it does every few minutes, goes on at once.
    await wait(delay, undefined, { signal }).catch(() => undefined);
  }
}

const refusedPauseMs = 5_000;

/**
 * The same for as long as a process runs: who was allowed the collection once goes on with what it knows, and comes back
 * to it when it is allowed again. Rejects only where it is forbidden from the beginning.
 */
export async function followThrough(
  api: KubernetesApi,
  collection: Collection,
  onChange: Parameters<typeof follow>[2],
  onRefusal: (error: unknown) => void,
  signal: AbortSignal,
  pauseMs = refusedPauseMs,
): Promise<void> {
  let isKnown = false;
  const changed: typeof onChange = (objects, version) => {
    isKnown = true;
    onChange(objects, version);
  };
  while (!signal.aborted) {
    try {
      await follow(api, collection, changed, signal);
    } catch (thrown) {
      if (!isKnown) throw thrown;
      onRefusal(thrown);
      await wait(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
