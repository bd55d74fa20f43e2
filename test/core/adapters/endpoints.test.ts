import { expect, test } from "vitest";
import type { ApiRequest, KubernetesApi } from "../../../src/adapters/kubernetes/api.ts";
import { followEndpoints } from "../../../src/adapters/kubernetes/endpoints.ts";

const metadata = (name: string, labels: Record<string, string> = {}) => ({
  name,
  namespace: "preview-12-shop",
  resourceVersion: "1",
  labels,
});

const service = {
  metadata: metadata("web"),
  spec: {
    ports: [
      { name: "http", port: 80, targetPort: "web" },
      { name: "metrics", port: 9090 },
      { name: "dns", port: 53, protocol: "UDP" },
    ],
  },
};

const endpoint = (ip: string, changes: object = {}) => ({
  addresses: [ip],
  conditions: { ready: true },
  targetRef: { kind: "Pod", namespace: "preview-12-shop", name: `web-${ip}` },
  ...changes,
});

const slice = (name: string, endpoints: object[], port = 3000) => ({
  metadata: metadata(name, { "kubernetes.io/service-name": "web" }),
  endpoints,
  ports: [
    { name: "http", port },
    { name: "metrics", port: 9100 },
  ],
});

/** An API server that lists what it is given, and then says what happens when told to. */
function apiWith(services: object[], slices: object[]) {
  const asked: ApiRequest[] = [];
  let wake: (() => void) | undefined;
  const pending: string[] = [];
  const api: KubernetesApi = {
    json(request) {
      asked.push(request);
      return Promise.resolve({
        metadata: { resourceVersion: "1" },
        items: request.path.endsWith("/services") ? services : slices,
      });
    },
    async *lines({ path, signal }) {
      while (!signal.aborted) {
        if (path.endsWith("/endpointslices")) yield* pending.splice(0);
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
    },
    text: () => Promise.reject(new Error("not asked for")),
    cluster: { server: "", certificateAuthority: undefined, tlsServerName: undefined },
    close: () => Promise.resolve(),
  };
  const happen = (type: string, object: object) => {
    pending.push(JSON.stringify({ type, object }));
    wake?.();
    return new Promise((resolve) => setImmediate(resolve));
  };
  return { api, asked, happen };
}

test("a Service's port leads to the same port of its ready pods", async () => {
  const ready = [
    slice("web-a", [endpoint("10.0.0.1"), endpoint("10.0.0.2")]),
    slice("web-b", [endpoint("10.0.0.3")], 3001),
  ];
  const { api, asked } = apiWith([service], ready);
  const lifetime = new AbortController();
  const endpoints = await followEndpoints(api, lifetime.signal, () => undefined);
  const found = (port: number, name = "web", namespace = "preview-12-shop") =>
    endpoints.ready(namespace, name, port).map((each) => `${each.ip}:${each.port}`);
  expect(found(80)).toEqual(["10.0.0.1:3000", "10.0.0.2:3000", "10.0.0.3:3001"]);
  expect(found(9090)).toEqual(["10.0.0.1:9100", "10.0.0.2:9100", "10.0.0.3:9100"]);
  expect([found(53), found(81), found(80, "api"), found(80, "web", "default")]).toEqual([[], [], [], []]);
  expect(endpoints.ready("preview-12-shop", "web", 80)[0]).toMatchObject({ pod: "web-10.0.0.1" });
  expect(asked.map((request) => request.query?.["labelSelector"])).toEqual(Array(2).fill("greenroom.dev/preview"));
  lifetime.abort();
});

test("only ready pods of the same namespace are led to", async () => {
  const elsewhere = { kind: "Pod", namespace: "kube-system", name: "dns" };
  const { api } = apiWith(
    [service],
    [
      slice("web-a", [
        endpoint("10.0.0.1", { conditions: { ready: false } }),
        endpoint("10.0.0.2", { targetRef: elsewhere }),
        endpoint("169.254.169.254", { targetRef: undefined }),
        endpoint("10.0.0.3", { targetRef: { kind: "Node", name: "n" } }),
        endpoint("10.0.0.4"),
      ]),
    ],
  );
  const lifetime = new AbortController();
  const endpoints = await followEndpoints(api, lifetime.signal, () => undefined);
  expect(endpoints.ready("preview-12-shop", "web", 80).map(({ ip }) => ip)).toEqual(["10.0.0.4"]);
  lifetime.abort();
});

test("what changes is seen at once", async () => {
  const { api, happen } = apiWith([service], [slice("web-a", [endpoint("10.0.0.1")])]);
  const lifetime = new AbortController();
  const endpoints = await followEndpoints(api, lifetime.signal, () => undefined);
  const ips = () => endpoints.ready("preview-12-shop", "web", 80).map(({ ip }) => ip);
  expect(ips()).toEqual(["10.0.0.1"]);
  await happen("MODIFIED", slice("web-a", [endpoint("10.0.0.1", { conditions: { ready: false } })]));
  expect(ips()).toEqual([]);
  await happen("MODIFIED", slice("web-a", [endpoint("10.0.0.9")]));
  expect(ips()).toEqual(["10.0.0.9"]);
  await happen("DELETED", slice("web-a", []));
  expect(ips()).toEqual([]);
  lifetime.abort();
});
