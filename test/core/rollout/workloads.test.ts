import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../../src/objects/kubernetes-object.ts";
import type { Json } from "../../../src/objects/read.ts";
import type { ClusterView } from "../../../src/rollout/cluster-view.ts";
import {
  crashLoop,
  deployment,
  event,
  exited,
  object,
  pod,
  replicaSet,
  running,
  unready,
  view,
  waiting,
} from "./cluster.ts";

import { judge, ready } from "./judge.ts";

const waits = (text: string) => ({ state: "waiting", waitingFor: [expect.stringContaining(text)] });

describe("a Deployment", () => {
  const up = pod("ReplicaSet/web-2");

  test.each<[string, ClusterView, object]>([
    ["is not there yet", view([]), waits("Deployment/web to be created")],
    [
      "has not been looked at since it changed",
      view([deployment({}, { generation: 3 })]),
      waits("to begin its rollout"),
    ],
    ["has no new pods yet", view([deployment({ updatedReplicas: 0 })]), waits("1 pod of Deployment/web to be made")],
    ["still has pods of the last revision", view([deployment({ replicas: 2 })]), waits("of the last revision to go")],
    ["has pods that are not ready", view([deployment(unready)]), waits("1 pod of Deployment/web to be ready")],
    [
      "has pods that are ready but not yet for long",
      view([deployment({ availableReplicas: 0 })]),
      waits("to be ready"),
    ],
    [
      "has some of its pods",
      view([deployment({ updatedReplicas: 1, replicas: 1 }, { replicas: 3 })]),
      waits("2 pods of Deployment/web to be made"),
    ],
    ["is complete", view([deployment(), replicaSet(2), up]), ready],
    ["is meant to have none", view([deployment({}, { replicas: 0 })]), ready],
  ])("that %s", (_, cluster, expected) => {
    expect(judge(cluster)).toMatchObject(expected);
  });

  test("is not judged by pods of the last revision, nor by those that are going", () => {
    const crashing = { containerStatuses: [crashLoop(1, 9)] };
    const old = pod("ReplicaSet/web-1", crashing, { name: "web-1-old" });
    const going = pod("ReplicaSet/web-2", crashing, { name: "web-2-going", deleting: true });
    const fresh = pod("ReplicaSet/web-2", { containerStatuses: [waiting("ContainerCreating")] });
    const cluster = view([deployment(unready), replicaSet(1), replicaSet(2), old, going, fresh]);
    expect(judge(cluster)).toMatchObject({ state: "waiting" });
  });

  test("that is complete is ready, whatever its pods went through", () => {
    const restarted = pod("ReplicaSet/web-2", {
      phase: "Running",
      containerStatuses: [running(true, { restartCount: 5 })],
    });
    expect(judge(view([deployment(), replicaSet(2), restarted]))).toEqual(ready);
  });
});

const set = (status: Json, spec: Json = {}) =>
  object("apps/v1", "StatefulSet", "db", {
    metadata: { generation: 1 },
    spec: { replicas: 2, ...spec },
    status: { observedGeneration: 1, ...status },
  });
const same = { currentRevision: "a", updateRevision: "a", readyReplicas: 2, availableReplicas: 2 };
const daemons = (status: Json) =>
  object("apps/v1", "DaemonSet", "agent", {
    metadata: { generation: 1 },
    status: { observedGeneration: 1, ...status },
  });
const job = (status: Json, spec: Json = {}) => object("batch/v1", "Job", "migrate", { spec, status });
const done = (type: string, reason = "") => ({ conditions: [{ type, status: "True", reason, message: "m" }] });
const service = object("v1", "Service", "web", { spec: { selector: { app: "web" } } });
const slice = (endpoints: Json[]) =>
  object("discovery.k8s.io/v1", "EndpointSlice", "web-x", {
    metadata: { labels: { "kubernetes.io/service-name": "web" } },
    endpoints,
  });
const failing = (name: string) =>
  pod(
    "Job/migrate",
    { phase: "Failed", containerStatuses: [exited(4, 1)] },
    { name, spec: { restartPolicy: "Never" } },
  );

describe("other kinds", () => {
  test.each<[string, KubernetesObject, KubernetesObject[], object]>([
    ["StatefulSet, complete", set(same), [], ready],
    [
      "StatefulSet, one of two ready",
      set({ ...same, readyReplicas: 1 }),
      [],
      waits("1 pod of StatefulSet/db to be ready"),
    ],
    [
      "StatefulSet, being replaced",
      set({ ...same, updateRevision: "b", updatedReplicas: 1 }),
      [],
      waits("1 pod of StatefulSet/db to be replaced"),
    ],
    [
      "StatefulSet, replaced but for its partition",
      set(
        { ...same, updateRevision: "b", updatedReplicas: 1 },
        { updateStrategy: { rollingUpdate: { partition: 1 } } },
      ),
      [],
      ready,
    ],
    [
      "StatefulSet that replaces nothing",
      set({ ...same, updateRevision: "b", updatedReplicas: 0 }, { updateStrategy: { type: "OnDelete" } }),
      [],
      ready,
    ],
    [
      "DaemonSet, complete",
      daemons({ desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 }),
      [],
      ready,
    ],
    [
      "DaemonSet, being replaced",
      daemons({ desiredNumberScheduled: 3, updatedNumberScheduled: 1, numberAvailable: 3 }),
      [],
      waits("2 pods of DaemonSet/agent"),
    ],
    [
      "DaemonSet, not available",
      daemons({ desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 }),
      [],
      waits("1 pod of DaemonSet/agent to be ready"),
    ],
    ["ReplicaSet, ready", object("apps/v1", "ReplicaSet", "r", { status: { availableReplicas: 1 } }), [], ready],
    ["ReplicaSet, not ready", object("apps/v1", "ReplicaSet", "r"), [], waits("to be ready")],
    ["Job, running", job({ active: 1 }), [], waits("Job/migrate to complete")],
    ["Job, complete", job(done("Complete")), [], ready],
    ["Job, suspended", job({}, { suspend: true }), [], ready],
    ["CronJob", object("batch/v1", "CronJob", "nightly"), [], ready],
    ["Pod, ready", pod(""), [], ready],
    ["Pod, done", pod("", { phase: "Succeeded" }), [], ready],
    [
      "Pod, starting",
      pod("", { containerStatuses: [waiting("ContainerCreating")] }),
      [],
      waits("Pod/web-2-abcde to be ready"),
    ],
    [
      "claim that nobody uses",
      object("v1", "PersistentVolumeClaim", "data", { status: { phase: "Pending" } }),
      [],
      ready,
    ],
    ["Service without pods", service, [], ready],
    [
      "Service whose pods are not in its slice yet",
      service,
      [pod(""), slice([])],
      waits("Service/web to find its pods"),
    ],
    [
      "Service whose slice says not ready",
      service,
      [pod(""), slice([{ conditions: { ready: false } }])],
      waits("Service/web to find its pods"),
    ],
    ["Service with its pods", service, [pod(""), slice([{ conditions: { ready: true } }])], ready],
  ])("%s", (_, live, others, expected) => {
    expect(judge(view([live, ...others]), 20, [live])).toMatchObject(expected);
  });

  test("objects that are not watched are there once they are applied", () => {
    expect(
      judge(view([]), 20, [object("v1", "ConfigMap", "a"), object("networking.k8s.io/v1", "Ingress", "b")]),
    ).toEqual(ready);
  });

  test("a Job that deleted itself has completed", () => {
    const wanted = job({});
    expect(judge(view([], [event("Job/migrate", "Completed", "Job completed")]), 20, [wanted])).toEqual(ready);
    expect(judge(view([]), 20, [wanted])).toMatchObject({ state: "waiting" });
  });

  test("a Job fails when the cluster gives it up, with the log of its last pod", () => {
    const first = failing("migrate-a");
    const cluster = (status: Json) => view([job(status), first, failing("migrate-b")]);
    expect(judge(cluster({ failed: 2 }), 20, [job({})])).toMatchObject({ state: "waiting" });
    expect(judge(cluster(done("Failed", "BackoffLimitExceeded")), 20, [job({})])).toEqual({
      state: "failed",
      suspect: {
        object: "Job/migrate",
        pod: "migrate-a",
        container: "web",
        init: false,
        cause: { is: "job-failed", reason: "BackoffLimitExceeded", message: "m", exitCode: 4 },
        log: { pod: "migrate-a", container: "web", previous: false },
      },
    });
  });

  test("a Job whose pod is being deleted as it is given up still has its log", () => {
    const last = pod("Job/migrate", { containerStatuses: [exited(4, 7)] }, { name: "migrate-a", deleting: true });
    expect(judge(view([job(done("FailureTarget", "BackoffLimitExceeded")), last]), 20, [job({})])).toMatchObject({
      state: "failed",
      suspect: { log: { pod: "migrate-a" } },
    });
  });

  test("a StatefulSet that waits for a broken pod of the last revision says so", () => {
    const stuck = set({ currentRevision: "a", updateRevision: "b", updatedReplicas: 0, readyReplicas: 0 });
    const broken = pod(
      "StatefulSet/db",
      { containerStatuses: [crashLoop(1, 5)] },
      { name: "db-0", labels: { "controller-revision-hash": "a" } },
    );
    expect(judge(view([stuck, broken]), 20, [stuck])).toMatchObject({
      state: "failed",
      suspect: { object: "StatefulSet/db", cause: { is: "stuck-update", pod: "db-0" } },
    });
    const parallel = set(
      { currentRevision: "a", updateRevision: "b", updatedReplicas: 0 },
      { podManagementPolicy: "Parallel" },
    );
    expect(judge(view([parallel, broken]), 20, [parallel])).toMatchObject({ state: "waiting" });
  });

  test("a StatefulSet whose new template has not been seen yet is not judged by the pods of its last one", () => {
    const changed = {
      ...set({ currentRevision: "a", updateRevision: "a", updatedReplicas: 2, readyReplicas: 1 }),
      metadata: { name: "db", uid: "StatefulSet-db", generation: 2 },
    };
    const broken = pod(
      "StatefulSet/db",
      { containerStatuses: [crashLoop(1, 5)] },
      { name: "db-0", labels: { "controller-revision-hash": "a" } },
    );
    expect(judge(view([changed, broken]), 20, [changed])).toEqual({
      state: "waiting",
      waitingFor: ["StatefulSet/db to begin its rollout"],
    });
  });

  test("a bare Pod gets one try if it asks for no more", () => {
    const once = pod("", { phase: "Failed", containerStatuses: [exited(3, 1)] }, { spec: { restartPolicy: "Never" } });
    expect(judge(view([once]), 20, [once])).toMatchObject({
      state: "failed",
      suspect: { object: "Pod/web-2-abcde", cause: { is: "crash", exitCode: 3 } },
    });
  });
});
