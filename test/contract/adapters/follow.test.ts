import { describe, expect, test } from "vitest";
import { ApiError } from "../../../src/adapters/kubernetes/api-error.ts";
import type { KubernetesApi } from "../../../src/adapters/kubernetes/api.ts";
import { follow, followThrough } from "../../../src/adapters/kubernetes/follow.ts";

const object = (name: string, resourceVersion: string) => ({ metadata: { name, namespace: "n", resourceVersion } });
const event = (type: string, name: string, version: string) => JSON.stringify({ type, object: object(name, version) });
const expired = JSON.stringify({
  type: "ERROR",
  object: { kind: "Status", code: 410, reason: "Expired", metadata: { resourceVersion: "" } },
});

type Step = { list: object[]; at: string } | { watch: (string | Error)[]; from: string } | { fail: ApiError };

/** An API server that answers one step after the other, and says when it was asked for something else. */
function scripted(steps: Step[]) {
  const left = [...steps];
  const next = () => {
    const step = left.shift();
    if (step !== undefined && "fail" in step) throw step.fail;
    return step;
  };
  const api: KubernetesApi = {
    async json() {
      const step = next();
      if (step === undefined || !("list" in step)) throw new Error("did not expect a list");
      return { metadata: { resourceVersion: step.at }, items: step.list };
    },
    async *lines({ query, signal }) {
      signal.throwIfAborted();
      const step = next();
      if (step === undefined) {
        // The last watch stays open.
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
        return;
      }
      if (!("watch" in step)) throw new Error("did not expect a watch");
      expect(query?.["resourceVersion"]).toBe(step.from);
      for (const line of step.watch) {
        if (line instanceof Error) throw line;
        yield line;
      }
    },
    text: async () => "",
    cluster: { server: "", certificateAuthority: undefined, tlsServerName: undefined },
    close: async () => undefined,
  };
  return { api, left };
}

/** Names after each change, until `count` changes were seen. */
async function names(steps: Step[], count: number): Promise<string[][]> {
  const { api, left } = scripted(steps);
  const stop = new AbortController();
  const seen: string[][] = [];
  const collection = { path: "/things", apiVersion: "v1", kind: "Thing" };
  await follow(
    api,
    collection,
    (objects) => {
      seen.push([...objects.values()].map(({ metadata }) => metadata.name));
      if (seen.length === count) stop.abort();
    },
    stop.signal,
  );
  expect(left).toEqual([]);
  return seen;
}

const nothing = () => undefined;

describe("following a collection", () => {
  test("shows the list and then every change", async () => {
    const steps: Step[] = [
      { list: [object("a", "1")], at: "1" },
      { watch: [event("ADDED", "b", "2"), event("MODIFIED", "b", "3"), event("DELETED", "a", "4")], from: "1" },
    ];
    expect(await names(steps, 4)).toEqual([["a"], ["a", "b"], ["a", "b"], ["b"]]);
  });

  test("goes on from the last version, bookmarks included, when the watch ends or the connection is lost", async () => {
    const lost = new ApiError("reset", {});
    const steps: Step[] = [
      { list: [], at: "1" },
      { watch: [event("ADDED", "a", "2"), event("BOOKMARK", "", "7")], from: "1" },
      { watch: [lost], from: "7" },
      { watch: [event("ADDED", "b", "8")], from: "7" },
    ];
    expect(await names(steps, 3)).toEqual([[], ["a"], ["a", "b"]]);
  });

  test("lists again when its version has expired, and forgets what went meanwhile", async () => {
    const steps: Step[] = [
      { list: [object("a", "1"), object("b", "1")], at: "1" },
      { watch: [expired], from: "1" },
      { list: [object("b", "9")], at: "9" },
      { watch: [event("ADDED", "c", "10")], from: "9" },
    ];
    expect(await names(steps, 3)).toEqual([["a", "b"], ["b"], ["b", "c"]]);
  });

  test("outlives an API server that restarts", async () => {
    const steps: Step[] = [
      { fail: new ApiError("refused", { unsent: true }) },
      { fail: new ApiError("starting", { status: 503 }) },
      { list: [object("a", "1")], at: "1" },
    ];
    expect(await names(steps, 1)).toEqual([["a"]]);
  });

  test("gives up where it is forbidden", async () => {
    await expect(names([{ fail: new ApiError("no", { status: 403 }) }], 1)).rejects.toThrow("no");
  });

  test("for as long as a process runs, goes on when it is allowed again", async () => {
    const { api, left } = scripted([
      { list: [object("a", "1")], at: "1" },
      { watch: [new ApiError("no", { status: 403 })], from: "1" },
      { fail: new ApiError("still no", { status: 403 }) },
      { list: [object("b", "2")], at: "2" },
    ]);
    const stop = new AbortController();
    const seen: string[] = [];
    const changed: Parameters<typeof follow>[2] = (objects) => {
      for (const { metadata } of objects.values()) seen.push(metadata.name);
      if (objects.has("n/b")) stop.abort();
    };
    const refused = (error: unknown) => seen.push(String(error));
    await followThrough(api, { path: "/things", apiVersion: "v1", kind: "Thing" }, changed, refused, stop.signal, 1);
    expect(left).toEqual([]);
    expect(seen).toEqual(["a", "ApiError: no", "ApiError: still no", "b"]);
  });

  test("for as long as a process runs, gives up where it was never allowed", async () => {
    const { api } = scripted([{ fail: new ApiError("no", { status: 403 }) }]);
    const { signal } = new AbortController();
    const thing = { path: "/things", apiVersion: "v1", kind: "Thing" };
    await expect(followThrough(api, thing, nothing, nothing, signal)).rejects.toThrow("no");
  });
});
