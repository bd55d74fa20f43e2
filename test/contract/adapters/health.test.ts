import { expect, test } from "vitest";
import { createHealth } from "../../../src/adapters/kubernetes/health.ts";
import type { KubernetesApi } from "../../../src/adapters/kubernetes/api.ts";
import type { PodNews } from "../../../src/ports/health.ts";

type PodOptions = { ready?: boolean; phase?: string; owner?: string; deleted?: boolean; restarts?: number };

function pod(name: string, preview: string, options: PodOptions = {}) {
  const { ready = true, phase = "Running", owner = "ReplicaSet", deleted = false, restarts = 0 } = options;
  return {
    metadata: {
      name,
      namespace: `preview-${preview}`,
      resourceVersion: "1",
      labels: { "greenroom.dev/preview": preview },
      ownerReferences: [{ kind: owner, name: "owner", uid: "uid" }],
      ...(deleted && { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    },
    status: {
      phase,
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      containerStatuses: [{ ready, restartCount: restarts, state: {} }],
    },
  };
}

/** An API server that lists some pods, and then tells each event once what came before has been read. */
function apiOf(items: object[], events: { type: string; object: object }[]) {
  const waiting: (() => void)[] = [];
  const api: KubernetesApi = {
    json: () => Promise.resolve({ metadata: { resourceVersion: "1" }, items }),
    async *lines({ signal }) {
      for (const event of events.splice(0)) {
        await new Promise<void>((resolve) => waiting.push(resolve));
        yield JSON.stringify(event);
      }
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
    },
    text: () => Promise.resolve(""),
    cluster: { server: "", certificateAuthority: undefined, tlsServerName: undefined },
    close: () => Promise.resolve(),
  };
  return { api, tell: () => waiting.shift()?.() };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const shown = ({ changed, looks }: PodNews) => ({ changed: [...changed], looks: Object.fromEntries(looks) });

test("what is there at first is no change; after that each change of a pod's is, and tells what all look like", async () => {
  const items = [
    pod("web", "12-shop"),
    pod("old-web", "12-shop", { ready: false, deleted: true }),
    pod("migrate", "12-shop", { ready: false, owner: "Job" }),
    pod("web", "13-shop"),
    pod("api", "13-shop", { ready: false }),
    pod("evicted", "14-shop", { ready: false, phase: "Failed" }),
  ];
  const events = [
    { type: "MODIFIED", object: pod("api", "13-shop") },
    { type: "MODIFIED", object: pod("web", "12-shop", { restarts: 1 }) },
    { type: "DELETED", object: pod("web", "12-shop", { restarts: 1 }) },
  ];
  const { api, tell } = apiOf(items, events);
  const stop = new AbortController();
  const seen: ReturnType<typeof shown>[] = [];
  for await (const news of createHealth(api).news(stop.signal)) {
    seen.push(shown(news));
    if (seen.length === 4) stop.abort();
    await settled();
    tell();
  }
  expect(seen).toEqual([
    { changed: [], looks: { "12-shop": "well", "13-shop": "ill" } },
    { changed: ["13-shop"], looks: { "12-shop": "well", "13-shop": "well" } },
    { changed: ["12-shop"], looks: { "12-shop": "well", "13-shop": "well" } },
    { changed: ["12-shop"], looks: { "13-shop": "well" } },
  ]);
});
