import { asObject } from "../../../src/objects/flatten.ts";
import type { KubernetesObject } from "../../../src/objects/kubernetes-object.ts";
import { type Json, mapOf } from "../../../src/objects/read.ts";
import type { ClusterEvent, ClusterView } from "../../../src/rollout/cluster-view.ts";

/** A moment to count from; `at(10)` is ten seconds later. */
const epoch = Date.parse("2026-11-23T10:00:00Z");
export const at = (seconds: number): number => epoch + seconds * 1_000;
export const time = (seconds: number): string => new Date(at(seconds)).toISOString().replace(".000Z", "Z");

export function view(objects: KubernetesObject[], events: ClusterEvent[] = []): ClusterView {
  return { objects, events };
}

export function event(about: string, reason: string, message: string, seconds = 5): ClusterEvent {
  return {
    about,
    reason,
    message,
    type: reason.startsWith("Failed") || reason === "Unhealthy" ? "Warning" : "Normal",
    lastSeen: at(seconds),
  };
}

export function object(apiVersion: string, kind: string, name: string, rest: Json = {}): KubernetesObject {
  return asObject({
    apiVersion,
    kind,
    ...rest,
    metadata: { name, uid: `${kind}-${name}`, creationTimestamp: time(0), ...mapOf(rest["metadata"]) },
  });
}

const ownedBy = (owner: string) => [
  { uid: owner.replace("/", "-"), kind: owner.split("/")[0], name: owner.split("/")[1], controller: true },
];

export const containers = [
  {
    name: "web",
    image: "registry.example/web:1",
    env: [{ name: "PORT", value: "80" }],
    resources: { limits: { memory: "32Mi" }, requests: { cpu: "64" } },
    readinessProbe: { httpGet: { path: "/healthz", port: "http" } },
    livenessProbe: { exec: { command: ["pg_isready", "-q"] } },
    startupProbe: { tcpSocket: { port: 5432 } },
  },
];

/** A Deployment as the API server shows it when its rollout is over; changes go into its status. */
export function deployment(
  status: Json = {},
  rest: { replicas?: number; generation?: number; spec?: Json } = {},
): KubernetesObject {
  const replicas = rest.replicas ?? 1;
  return object("apps/v1", "Deployment", "web", {
    metadata: { generation: rest.generation ?? 2, annotations: { "deployment.kubernetes.io/revision": "2" } },
    spec: { replicas, template: { metadata: { labels: { app: "web" } }, spec: { containers, ...rest.spec } } },
    status: {
      observedGeneration: 2,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      ...status,
    },
  });
}

export const unready = { readyReplicas: 0, availableReplicas: 0 };

export function replicaSet(revision: number, rest: Json = {}): KubernetesObject {
  return object("apps/v1", "ReplicaSet", `web-${revision}`, {
    metadata: {
      annotations: { "deployment.kubernetes.io/revision": String(revision) },
      ownerReferences: ownedBy("Deployment/web"),
    },
    spec: { replicas: 1 },
    status: {},
    ...rest,
  });
}

/** A pod of `owner`, scheduled and, if nothing else is said, ready. */
export function pod(
  owner: string,
  status: Json = {},
  rest: { name?: string; labels?: Json; spec?: Json; deleting?: boolean } = {},
): KubernetesObject {
  const ready = status["containerStatuses"] === undefined && status["phase"] === undefined;
  return object("v1", "Pod", rest.name ?? "web-2-abcde", {
    metadata: {
      ownerReferences: owner === "" ? [] : ownedBy(owner),
      labels: { app: "web", ...rest.labels },
      ...(rest.deleting === true && { deletionTimestamp: time(1) }),
    },
    spec: { restartPolicy: "Always", containers, ...rest.spec },
    status: {
      phase: ready ? "Running" : "Pending",
      startTime: time(0),
      conditions: [
        { type: "PodScheduled", status: "True", lastTransitionTime: time(0) },
        { type: "Ready", status: ready ? "True" : "False", lastTransitionTime: time(1) },
        { type: "ContainersReady", status: ready ? "True" : "False", lastTransitionTime: time(1) },
      ],
      ...(ready && { containerStatuses: [running()] }),
      ...status,
    },
  });
}

export function running(ready = true, rest: Json = {}): Json {
  return { name: "web", ready, restartCount: 0, state: { running: { startedAt: time(1) } }, lastState: {}, ...rest };
}

export function waiting(reason: string, message = "", rest: Json = {}): Json {
  return {
    name: "web",
    ready: false,
    restartCount: 0,
    state: { waiting: { reason, message } },
    lastState: {},
    ...rest,
  };
}

const ended = (exitCode: number, seconds: number, reason = exitCode === 0 ? "Completed" : "Error") => ({
  terminated: {
    exitCode,
    reason,
    startedAt: time(seconds - 1),
    finishedAt: time(seconds),
    containerID: "containerd://1",
  },
});

/** A container in CrashLoopBackOff after so many exits, the last one at a moment. */
export function crashLoop(exitCode: number, exits: number, seconds = 20, reason?: string): Json {
  const message = "back-off 20s restarting failed container=web pod=web-2-abcde_preview-12-shop(1)";
  return waiting("CrashLoopBackOff", message, { restartCount: exits - 1, lastState: ended(exitCode, seconds, reason) });
}

/** A container that has just ended, for the `exits`-th time. */
export function exited(exitCode: number, exits: number, seconds = 20, reason?: string): Json {
  return { name: "web", ready: false, restartCount: exits - 1, state: ended(exitCode, seconds, reason), lastState: {} };
}

/** A Deployment whose one new pod is as given. */
export function rollout(
  status: Json,
  events: ClusterEvent[] = [],
  more: KubernetesObject[] = [],
  spec: Json = {},
): ClusterView {
  const newest = pod("ReplicaSet/web-2", status, { spec });
  return view([deployment(unready, { spec }), replicaSet(2), newest, ...more], events);
}
