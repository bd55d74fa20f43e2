import { afterEach, expect, test } from "vitest";
import type { KubernetesApi } from "../../../src/adapters/kubernetes/api.ts";
import { createRecordCache } from "../../../src/adapters/kubernetes/record-cache.ts";
import { createRecords } from "../../../src/adapters/kubernetes/records.ts";
import type { Preview } from "../../../src/preview/preview.ts";

const never = new AbortController().signal;
const lifetimes: AbortController[] = [];
afterEach(() => {
  for (const lifetime of lifetimes.splice(0)) lifetime.abort();
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** An API server that keeps records, and whose watch tells what happened only when it is let. */
function storeOf(count: number) {
  let version = 100;
  const objects = new Map(Array.from({ length: count }, (_, n) => [`${n + 1}-shop`, record(n + 1, "100")]));
  const events: string[] = [];
  let wake: (() => void) | undefined;
  let lists = 0;
  const put = (name: string, object: ReturnType<typeof record>): object => {
    version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    objects.set(name, stored);
    events.push(JSON.stringify({ type: "MODIFIED", object: stored }));
    return stored;
  };
  const api: KubernetesApi = {
    async json({ method = "GET", path, body }) {
      await settled();
      const name = /previews\/([^/]+)/.exec(path)?.[1];
      if (name === undefined) {
        lists += 1;
        return { metadata: { resourceVersion: String(version) }, items: [...objects.values()] };
      }
      const object = objects.get(name);
      if (object === undefined) throw new Error("no such record");
      if (method === "PUT") return put(name, { ...object, status: statusOf(body) });
      if (method === "PATCH") {
        version += 1;
        objects.delete(name);
        const gone = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
        events.push(JSON.stringify({ type: "DELETED", object: gone }));
      }
      return object;
    },
    async *lines({ signal }) {
      signal.addEventListener("abort", () => wake?.(), { once: true });
      let told = 0;
      while (!signal.aborted) {
        const event = allowed > told ? events[told] : undefined;
        if (event === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        told += 1;
        yield event;
      }
    },
    text: () => Promise.resolve(""),
    cluster: { server: "", certificateAuthority: undefined, tlsServerName: undefined },
    close: () => Promise.resolve(),
  };
  let allowed = 0;
  const lifetime = new AbortController();
  lifetimes.push(lifetime);
  const cache = createRecordCache(api, "greenroom", lifetime.signal);
  return {
    records: createRecords(api, "greenroom", cache),
    cache,
    lists: () => lists,
    /** The watch tells the next so many events. */
    tell: (more: number) => {
      allowed += more;
      wake?.();
    },
  };
}

function record(number: number, resourceVersion: string) {
  return {
    metadata: {
      name: `${number}-shop`,
      uid: `uid-${number}`,
      resourceVersion,
      creationTimestamp: "2026-01-01T00:00:00Z",
      finalizers: ["greenroom.dev/teardown"],
    },
    spec: {
      repository: { id: 1, nodeId: "R_1", fullName: "acme/shop" },
      pullRequest: number,
      installation: 7,
      want: "running",
    },
    status: {},
  };
}

function statusOf(body: unknown): object {
  const status: unknown = typeof body === "object" && body !== null && "status" in body ? body.status : undefined;
  return typeof status === "object" && status !== null ? status : {};
}

function the(previews: readonly Preview[], number: number): Preview {
  const found = previews.find(({ spec }) => spec.pullRequest === number);
  if (found === undefined) throw new Error(`there is no record ${number}`);
  return found;
}

/** Whether it has answered yet. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  await settled();
  return await Promise.race([promise.then(() => true), settled().then(() => false)]);
}

test("what is caught up has this process's last write and all before it, and no list is read for that", async () => {
  const { records, lists, tell } = storeOf(3);
  const before = await records.list();
  await records.report(the(before, 2), { phase: "Building" }, never);
  await records.report(the(before, 1), { phase: "Deploying" }, never);
  const listing = records.listCaughtUp(never);
  tell(1);
  expect(await isDone(listing)).toBe(false);
  tell(1);
  const phases = (await listing).map(({ status }) => status.phase);
  expect([phases, lists()]).toEqual([["Deploying", "Building", undefined], 1]);
  await records.listCaughtUp(never);
  expect(lists()).toBe(1);
});

test("a record that this process removed is waited for as well", async () => {
  const { records, lists, tell } = storeOf(2);
  await records.remove(the(await records.list(), 1), never);
  const listing = records.listCaughtUp(never);
  expect(await isDone(listing)).toBe(false);
  tell(1);
  expect([(await listing).map(({ name }) => name), lists()]).toEqual([["2-shop"], 1]);
});

test("a watch that lags behind for long is not waited for", async () => {
  const { records, lists } = storeOf(1);
  await records.report(the(await records.list(), 1), { phase: "Building" }, never);
  const listed = await records.listCaughtUp(never);
  expect([the(listed, 1).status.phase, lists()]).toEqual(["Building", 2]);
});
