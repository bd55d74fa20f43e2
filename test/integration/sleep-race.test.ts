import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiRequest, type KubernetesApi, mergePatch } from "../../src/adapters/kubernetes/api.ts";
import { at } from "../../src/adapters/kubernetes/api-object.ts";
import { createCluster } from "../../src/adapters/kubernetes/cluster.ts";
import { namespacePath, pathOf, resources } from "../../src/adapters/kubernetes/resources.ts";
import { type KubernetesLab, kubernetesLab } from "./kubernetes-lab.ts";

const signal = AbortSignal.timeout(120_000);
const namespace = `preview-sleep-race-${process.pid}`;
const web = pathOf(resources.Deployment, namespace, "web");

let lab: KubernetesLab;

beforeAll(async () => {
  lab = await kubernetesLab();
  const cluster = createCluster(lab.worker, { deployersNamespace: lab.deployersNamespace });
  await cluster.prepare(namespace, "uid", [], signal);
  const labels = { app: "web" };
  const body = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "busybox:1.37" }] } },
    },
  };
  await lab.admin.json({ method: "POST", path: pathOf(resources.Deployment, namespace), body, signal });
});
afterAll(async () => {
  await lab.admin.json({ method: "DELETE", path: namespacePath(namespace), signal });
  await lab.dispose();
});

/** The cluster of a worker that is held up before it scales for the first time, while something else happens. */
function heldUp(meanwhile: () => Promise<unknown>) {
  let happened: Promise<unknown> | undefined;
  const api: KubernetesApi = {
    ...lab.worker,
    json: async (request: ApiRequest) => {
      if (request.path.endsWith("/scale")) await (happened ??= meanwhile());
      return await lab.worker.json(request);
    },
  };
  return createCluster(api, { deployersNamespace: lab.deployersNamespace });
}

const change = (path: string, body: object) =>
  lab.admin.json({ method: "PATCH", path, contentType: mergePatch, body, signal });
const replicas = async () => at(await lab.admin.json({ path: web, signal }), "spec", "replicas");

test("a worker that was held up leaves alone what somebody has scaled or released meanwhile", async () => {
  const changed = { failure: { kind: "transient", code: "workload-changed" } };
  const scaled = heldUp(() => change(`${web}/scale`, { spec: { replicas: 3 } }));
  await expect(scaled.sleep(namespace, signal)).rejects.toMatchObject(changed);
  expect(await replicas()).toBe(3);
  const released = heldUp(() => change(web, { metadata: { annotations: { "greenroom.dev/attempt": "2" } } }));
  await expect(released.sleep(namespace, signal)).rejects.toMatchObject(changed);
  expect(await replicas()).toBe(3);
});

test("what its controller writes down about a workload holds nobody up", async () => {
  const condition = { type: "Progressing", status: "True", reason: `Noted${Date.now()}`, message: "" };
  const noted = heldUp(() => change(`${web}/status`, { status: { conditions: [condition] } }));
  expect(await noted.sleep(namespace, signal)).toEqual([{ kind: "Deployment", name: "web", replicas: 3 }]);
  expect(await replicas()).toBe(0);
});
