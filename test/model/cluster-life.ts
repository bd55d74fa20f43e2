import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";
import { annotations } from "../../src/objects/our-names.ts";
import { at, listOf } from "../../src/objects/read.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { FakeKubernetes } from "../fakes/kubernetes.ts";
import type { FakeReleasesOptions } from "../fakes/releases.ts";

/** Longest time a migration takes, in milliseconds. */
const migrationMs = 3_000;
/** How long the kubelet takes to start a container again, in milliseconds. */
const restartMs = 10_000;

export type ClusterLife = FakeReleasesOptions & {
  /** The process of a preview's pod ends by itself. */
  crashPod(namespace: string): boolean;
};

/**
 * What Kubernetes' controllers make of the objects of a release: pods that run, Jobs that fail. `applied` is told of
 * every object as it is written, `pass` lets a migration take its time.
 */
export function clusterLife(
  kubernetes: () => FakeKubernetes,
  clock: () => Clock,
  world: {
    applied(object: KubernetesObject): void;
    pass(milliseconds: number, signal: AbortSignal): Promise<void>;
  },
): ClusterLife {
  const now = (): string => clock().now().toISOString();
  return {
    becomes(object) {
      world.applied(object);
      if (object.kind === "Job") return failedJob(object);
      if (object.kind !== "Deployment") return object;
      const live = runningDeployment(object);
      for (const made of podsOf(live, now())) kubernetes().put(namespaceOf(object), made);
      return live;
    },
    async runHook(hook, signal) {
      world.applied(hook);
      await world.pass(migrationMs, signal);
    },
    crashPod(namespace) {
      const pod = kubernetes().namespaces.get(namespace)?.objects.get("Pod/web-1");
      if (pod === undefined) return false;
      kubernetes().put(namespace, crashed(pod, now()));
      const restart = (): void => {
        const dead = kubernetes().namespaces.get(namespace)?.objects.get("Pod/web-1");
        const [container] = listOf(at(dead, "status", "containerStatuses"));
        if (dead !== undefined && at(container, "ready") === false) kubernetes().put(namespace, restarted(dead, now()));
      };
      void clock().wait(restartMs, new AbortController().signal).then(restart);
      return true;
    },
  };
}

export function namespaceOf(object: KubernetesObject): string {
  return String(at(object, "metadata", "namespace"));
}

/** The attempt that wrote an object. */
export function writtenBy(object: KubernetesObject): number {
  return Number(object.metadata.annotations?.[annotations.attempt]);
}

function failedJob(object: KubernetesObject): KubernetesObject {
  const condition = { type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "It has failed." };
  return { ...object, status: { conditions: [condition] } };
}

function runningDeployment(object: KubernetesObject): KubernetesObject {
  const replicas = Number(at(object, "spec", "replicas") ?? 1);
  const revision = { ...object.metadata.annotations, "deployment.kubernetes.io/revision": "1" };
  return {
    ...object,
    metadata: { ...object.metadata, uid: "web", annotations: revision },
    status: { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas },
  };
}

const owned = (uid: string) => ({ ownerReferences: [{ uid, controller: true }] });

function podsOf(deployment: KubernetesObject, startedAt: string): KubernetesObject[] {
  const revision = { "deployment.kubernetes.io/revision": "1" };
  const template = at(deployment, "spec", "template");
  const running = { name: "web", ready: true, state: { running: { startedAt } } };
  return [
    {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: { name: "web-1", uid: "web-1", annotations: revision, ...owned("web") },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web-1", uid: "pod", labels: { app: "web" }, ...owned("web-1") },
      spec: at(template, "spec"),
      status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }], containerStatuses: [running] },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "web-1", labels: { "kubernetes.io/service-name": "web" } },
      endpoints: [{ conditions: { ready: true } }],
    },
  ];
}

function crashed(pod: KubernetesObject, finishedAt: string): KubernetesObject {
  const terminated = { exitCode: 1, reason: "Error", startedAt: finishedAt, finishedAt };
  const dead = { name: "web", ready: false, restartCount: 1, state: { terminated } };
  return {
    ...pod,
    status: { phase: "Running", conditions: [{ type: "Ready", status: "False" }], containerStatuses: [dead] },
  };
}

function restarted(pod: KubernetesObject, startedAt: string): KubernetesObject {
  const [last] = listOf(at(pod, "status", "containerStatuses"));
  const running = {
    name: "web",
    ready: true,
    restartCount: 1,
    state: { running: { startedAt } },
    lastState: at(last, "state"),
  };
  return {
    ...pod,
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }], containerStatuses: [running] },
  };
}
