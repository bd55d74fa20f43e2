import { type KubernetesObject, objectName } from "../objects/kubernetes-object.ts";
import { at, isMap, listOf, numberOf, textOf } from "../objects/read.ts";
import { count } from "../objects/words.ts";
import type { ClusterView } from "./cluster-view.ts";

/** How far one object is. */
export type Progress = {
  /** What is still missing, as the rest of `waiting for …`; undefined where nothing is. */
  waitingFor: string | undefined;
  /** Pods that the newest revision of the object has made; those of older revisions say nothing about it. */
  pods: readonly KubernetesObject[];
  /** `Kind/name` of the objects that make these pods, in whose events the reason stands where there are none. */
  makers: readonly KubernetesObject[];
};

/** The live object of a kind and name. */
export function find(view: ClusterView, kind: string, name: string): KubernetesObject | undefined {
  return view.objects.find((object) => object.kind === kind && object.metadata.name === name);
}

/** The condition of a type, as every Kubernetes status has them. */
export function condition(
  object: unknown,
  type: string,
): { status: string; reason: string; message: string; since: number } | undefined {
  const found = listOf(at(object, "status", "conditions")).find((each) => at(each, "type") === type);
  if (found === undefined) return undefined;
  return {
    status: textOf(at(found, "status")) ?? "",
    reason: textOf(at(found, "reason")) ?? "",
    message: textOf(at(found, "message")) ?? "",
    since: timeOf(at(found, "lastTransitionTime")) ?? 0,
  };
}

export function timeOf(value: unknown): number | undefined {
  return numberOf(Date.parse(textOf(value) ?? ""));
}

/** Looks at one object as it is in the cluster. */
export function progressOf(live: KubernetesObject, view: ClusterView): Progress {
  const known = progressByKind[live.kind];
  if (known === undefined) return done;
  // What its status and its pods say is still of what was wanted before.
  const unseen = rolledOut.has(live.kind) ? unobserved(live) : undefined;
  return unseen === undefined ? known(live, view) : { ...done, waitingFor: unseen };
}

const rolledOut = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"]);

const done: Progress = { waitingFor: undefined, pods: [], makers: [] };

const progressByKind: Record<string, (live: KubernetesObject, view: ClusterView) => Progress> = {
  Deployment: deployment,
  StatefulSet: statefulSet,
  DaemonSet: daemonSet,
  ReplicaSet: replicaSet,
  Job: job,
  Pod: pod,
  Service: service,
};

function deployment(live: KubernetesObject, view: ClusterView): Progress {
  const revision = revisionOf(live);
  const sets = ownedBy(live, "ReplicaSet", view).filter(
    (set) => revision !== undefined && revisionOf(set) === revision,
  );
  const wanted = wantedReplicas(live);
  const updated = status(live, "updatedReplicas");
  const old = status(live, "replicas") - updated;
  const missing = (["availableReplicas", "readyReplicas"] as const).map((field) => wanted - status(live, field));
  return {
    makers: [live, ...sets],
    pods: sets.flatMap((set) => ownedBy(set, "Pod", view)),
    waitingFor:
      updated < wanted
        ? pods(live, wanted - updated, "to be made")
        : old > 0
          ? pods(live, old, "of the last revision to go")
          : lacking(live, Math.max(...missing)),
  };
}

function statefulSet(live: KubernetesObject, view: ClusterView): Progress {
  const revision = textOf(at(live, "status", "updateRevision"));
  const wanted = wantedReplicas(live);
  const partition = numberOf(at(live, "spec", "updateStrategy", "rollingUpdate", "partition")) ?? 0;
  const replaces = at(live, "spec", "updateStrategy", "type") !== "OnDelete";
  const toUpdate = replaces ? Math.max(0, wanted - partition) : 0;
  const updated = textOf(at(live, "status", "currentRevision")) === revision ? wanted : status(live, "updatedReplicas");
  const all = ownedBy(live, "Pod", view);
  const newest = all.filter((each) => each.metadata.labels?.["controller-revision-hash"] === revision);
  return {
    makers: [live],
    pods: replaces ? newest : all,
    waitingFor:
      updated < toUpdate
        ? pods(live, toUpdate - updated, "to be replaced")
        : lacking(live, wanted - Math.min(status(live, "readyReplicas"), status(live, "availableReplicas", wanted))),
  };
}

function daemonSet(live: KubernetesObject, view: ClusterView): Progress {
  const generation = live.metadata.annotations?.["deprecated.daemonset.template.generation"];
  const wanted = status(live, "desiredNumberScheduled");
  const updated = status(live, "updatedNumberScheduled");
  const all = ownedBy(live, "Pod", view);
  return {
    makers: [live],
    pods:
      generation === undefined
        ? all
        : all.filter((each) => each.metadata.labels?.["pod-template-generation"] === generation),
    waitingFor:
      updated < wanted
        ? pods(live, wanted - updated, "to be replaced")
        : lacking(live, wanted - status(live, "numberAvailable")),
  };
}

function replicaSet(live: KubernetesObject, view: ClusterView): Progress {
  return {
    makers: [live],
    pods: ownedBy(live, "Pod", view),
    waitingFor: lacking(live, wantedReplicas(live) - status(live, "availableReplicas")),
  };
}

function job(live: KubernetesObject, view: ClusterView): Progress {
  const finished =
    isTrue(live, "Complete") || isTrue(live, "SuccessCriteriaMet") || at(live, "spec", "suspend") === true;
  const waitingFor = finished ? undefined : `${objectName(live)} to complete`;
  // Also those being deleted: the pods of a Job that is given up are, and they know why.
  return { makers: [live], pods: madeBy(live, "Pod", view), waitingFor };
}

function pod(live: KubernetesObject): Progress {
  const finished = at(live, "status", "phase") === "Succeeded" || isTrue(live, "Ready");
  return { makers: [], pods: [live], waitingFor: finished ? undefined : `${objectName(live)} to be ready` };
}

/** A Service is reached through its EndpointSlices, which follow its ready pods a moment later. */
function service(live: KubernetesObject, view: ClusterView): Progress {
  const selector = Object.entries(at(live, "spec", "selector") ?? {});
  const serves = view.objects.some(
    (each) =>
      each.kind === "Pod" &&
      each.metadata.deletionTimestamp === undefined &&
      isTrue(each, "Ready") &&
      selector.length > 0 &&
      selector.every(([key, value]) => each.metadata.labels?.[key] === value),
  );
  const reached = view.objects
    .filter(
      (each) =>
        each.kind === "EndpointSlice" && each.metadata.labels?.["kubernetes.io/service-name"] === live.metadata.name,
    )
    .flatMap((slice) => listOf(slice.endpoints))
    .some((endpoint) => at(endpoint, "conditions", "ready") !== false);
  return { ...done, waitingFor: serves && !reached ? `${objectName(live)} to find its pods` : undefined };
}

export function isTrue(object: unknown, type: string): boolean {
  return condition(object, type)?.status === "True";
}

/** Objects of a kind that another one made, without those that are being deleted. */
export function ownedBy(owner: KubernetesObject, kind: string, view: ClusterView): KubernetesObject[] {
  return madeBy(owner, kind, view).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

function madeBy(owner: KubernetesObject, kind: string, view: ClusterView): KubernetesObject[] {
  const { uid } = owner.metadata;
  return view.objects.filter(
    (object) =>
      object.kind === kind &&
      listOf(object.metadata.ownerReferences).some((reference) => uid !== undefined && at(reference, "uid") === uid),
  );
}

/** Whether a pod has ended for good, and whoever made it makes another. */
export function isReplaced(made: KubernetesObject): boolean {
  return at(made, "status", "phase") === "Failed" && hasController(made);
}

/** Whether another object made this one and looks after it. */
export function hasController(object: KubernetesObject): boolean {
  return listOf(object.metadata.ownerReferences).some((reference) => isMap(reference) && reference.controller === true);
}

function revisionOf(object: KubernetesObject): string | undefined {
  return object.metadata.annotations?.["deployment.kubernetes.io/revision"];
}

function wantedReplicas(live: KubernetesObject): number {
  return numberOf(at(live, "spec", "replicas")) ?? 1;
}

function status(live: KubernetesObject, field: string, otherwise = 0): number {
  return numberOf(at(live, "status", field)) ?? otherwise;
}

function unobserved(live: KubernetesObject): string | undefined {
  const generation = numberOf(live.metadata.generation) ?? 0;
  return status(live, "observedGeneration") < generation ? `${objectName(live)} to begin its rollout` : undefined;
}

function pods(live: KubernetesObject, number: number, what: string): string {
  return `${count(number, "pod")} of ${objectName(live)} ${what}`;
}

function lacking(live: KubernetesObject, number: number): string | undefined {
  return number > 0 ? pods(live, number, "to be ready") : undefined;
}
