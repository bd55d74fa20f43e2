import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../infra/local/lab/command.ts";
import { greenroomNamespace, installChart, writeAccess } from "../../infra/local/lab/install.ts";
import { type LabStatus, readLabStatus } from "../../infra/local/lab/status.ts";
import { createKubernetesApi, loadKubeConfig } from "../../src/adapters/kubernetes/api.ts";
import { followEndpoints } from "../../src/adapters/kubernetes/endpoints.ts";
import { createPortForward } from "../../src/adapters/kubernetes/port-forward.ts";
import { createRecordCache } from "../../src/adapters/kubernetes/record-cache.ts";
import { createVisits } from "../../src/adapters/kubernetes/visits.ts";
import { createActivity } from "../../src/gateway/activity.ts";
import { createDialer, type Tunnel } from "../../src/gateway/dial.ts";
import { followPreviews } from "../../src/gateway/preview-index.ts";
import { createGateway } from "../../src/gateway/server.ts";
import { holdSweep } from "./hold-sweep.ts";

const name = `9${randomBytes(3).readUIntBE(0, 3)}-gateway`;
const namespace = `preview-${name}`;
const host = `${name}.preview.test`;
const never = new AbortController().signal;

let lab: LabStatus;
let folder: string;
const closing: (() => Promise<unknown>)[] = [];

const kubectl = (args: string[], input?: string): Promise<string> =>
  run(lab.tools.kubectl, ["--kubeconfig", lab.kubeconfig, ...args], {
    seconds: 120,
    ...(input === undefined ? {} : { input }),
  });

const labels = `{ greenroom.dev/preview: ${name}, app: web }`;

const workload = `apiVersion: v1
kind: Namespace
metadata: { name: ${namespace} }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: ${namespace}, labels: ${labels} }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: page }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: ${namespace}, labels: ${labels} }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: ${labels} }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: web
          image: busybox:1.37
          command: [sh, -c, "mkdir /www; hostname > /www/index.html; touch /tmp/ready; exec httpd -f -p 8080 -h /www"]
          ports: [{ name: page, containerPort: 8080 }]
          readinessProbe: { exec: { command: [cat, /tmp/ready] }, periodSeconds: 1, failureThreshold: 1 }
`;

const record = `apiVersion: greenroom.dev/v1alpha1
kind: Preview
metadata: { name: ${name}, namespace: ${greenroomNamespace} }
spec:
  repository: { id: 1, nodeId: R_1, fullName: maintainer/shop }
  pullRequest: 1
  installation: 1
  want: running
`;

const report = (status: object) =>
  kubectl(
    ["--namespace", greenroomNamespace, "patch", "preview", name, "--subresource=status", "--type=merge"].concat(
      "--patch",
      JSON.stringify({ status }),
    ),
  );

const ready = {
  phase: "Ready",
  deployedCommit: "a".repeat(40),
  namespace,
  urls: [{ name: "web", host, url: `http://${host}`, service: "web", port: 80 }],
};

/** A gateway with the rights that the chart gives it; pods may be reached by another way than their addresses. */
async function start(tunnel?: Tunnel): Promise<(path?: string) => Promise<{ status: number; body: string }>> {
  const lifetime = new AbortController();
  const errors: unknown[] = [];
  const api = createKubernetesApi(loadKubeConfig(join(folder, "gateway.conf")));
  const endpoints = await followEndpoints(api, lifetime.signal, (error) => errors.push(error));
  const cache = createRecordCache(api, greenroomNamespace, lifetime.signal);
  const dialer = createDialer(tunnel === undefined ? {} : { tunnel });
  const gateway = createGateway({
    previews: await followPreviews(cache, lifetime.signal, (error) => errors.push(error)),
    endpoints,
    dialer,
    activity: createActivity({
      visits: createVisits(api, greenroomNamespace),
      onError: (error) => errors.push(error),
    }),
    baseDomain: "preview.test",
    scheme: "http",
    onError: (error) => errors.push(error),
  });
  gateway.server.listen(0, "127.0.0.1");
  await once(gateway.server, "listening");
  closing.push(async () => {
    await gateway.close(100);
    await dialer.close();
    lifetime.abort();
    await api.close();
  });
  const address = gateway.server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return async (path = "/") => {
    const asked = request({ host: "127.0.0.1", port: address.port, path, headers: { host }, agent: false });
    asked.end();
    const [response]: IncomingMessage[] = await once(asked, "response");
    if (response === undefined) throw new Error("no response");
    return { status: response.statusCode ?? 0, body: await text(response) };
  };
}

/** Asks until the answer fits; there is no event for when a gateway has heard of something. */
async function until<T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(answer)}`);
    await wait(50, undefined, { signal: never });
  }
}

beforeAll(async () => {
  const running = await readLabStatus();
  if (running === undefined) throw new Error("the lab does not run; start it with: npm run lab -- up --detach");
  lab = running;
  closing.push(await holdSweep(lab));
  folder = await mkdtemp(join(tmpdir(), "gateway-lab-"));
  const admin = { kubeconfig: lab.kubeconfig, kubectl: lab.tools.kubectl, helm: lab.tools.helm };
  await installChart(admin, "direct", never);
  await writeAccess(admin, "greenroom-gateway", join(folder, "gateway.conf"), never);
});

afterAll(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await kubectl(["--namespace", greenroomNamespace, "delete", "preview", name, "--ignore-not-found"]);
  await kubectl(["delete", "namespace", namespace, "--ignore-not-found", "--wait=false"]);
  await rm(folder, { recursive: true, force: true });
});

describe("a host name on a real cluster", () => {
  test("leads nowhere, to a page, to the pods and back to a page", async () => {
    const ask = await start();
    expect((await ask()).status).toBe(404);

    await kubectl(["apply", "--filename", "-"], record);
    await report({ phase: "Building" });
    expect((await until(ask, ({ status }) => status !== 404)).body).toContain("is being built");

    await kubectl(["apply", "--filename", "-"], workload);
    await kubectl(["--namespace", namespace, "rollout", "status", "deployment/web", "--timeout=90s"]);
    expect((await ask()).status).toBe(503);
    await report(ready);
    await until(ask, ({ status }) => status === 200);
    const pods = (await kubectl(["--namespace", namespace, "get", "pods", "--output=name"])).trim().split("\n");
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask("/index.html")));
    expect(new Set(answers.map(({ body }) => `pod/${body.trim()}`))).toEqual(new Set(pods));

    await kubectl(["--namespace", namespace, "exec", pods[0] ?? "", "--", "rm", "/tmp/ready"]);
    await until(
      async () => new Set((await Promise.all(Array.from({ length: 6 }, () => ask()))).map(({ body }) => body)),
      (bodies) => bodies.size === 1,
    );
    await kubectl(["--namespace", namespace, "exec", pods[1] ?? "", "--", "rm", "/tmp/ready"]);
    expect((await until(ask, ({ status }) => status !== 200)).body).toContain("is not ready right now");
    await kubectl(["--namespace", namespace, "exec", pods[0] ?? "", "--", "touch", "/tmp/ready"]);
    await until(ask, ({ status }) => status === 200);
  });

  test("leads to the same pods through the API server", async () => {
    const ask = await start(createPortForward(loadKubeConfig(lab.kubeconfig)));
    const first = await until(ask, ({ status }) => status === 200);
    expect(first.body).toMatch(/^web-/);
    const many = await Promise.all(Array.from({ length: 8 }, () => ask("/index.html")));
    expect(many.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect((await ask("/missing")).status).toBe(404);
  });

  test("leads nowhere once the record is gone", async () => {
    const ask = await start();
    await until(ask, ({ status }) => status === 200);
    await kubectl(["--namespace", greenroomNamespace, "delete", "preview", name]);
    const last = await until(ask, ({ status }) => status === 404);
    expect(last.body).toContain("There is no preview here");
  });
});
