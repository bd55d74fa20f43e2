import type { ClusterEvent, ClusterView } from "../../rollout/cluster-view.ts";
import type { ApiObject } from "./api-object.ts";
import { at, text } from "./api-object.ts";
import type { KubernetesApi } from "./api.ts";
import { asFailure } from "./api-error.ts";
import { follow } from "./follow.ts";
import { latestOf } from "./latest.ts";
import { pathOf, resources } from "./resources.ts";

const watched = [
  resources.Deployment,
  resources.StatefulSet,
  resources.DaemonSet,
  resources.ReplicaSet,
  resources.Job,
  resources.CronJob,
  resources.Pod,
  resources.PersistentVolumeClaim,
  resources.Service,
  resources.EndpointSlice,
  resources.ResourceQuota,
  resources.Event,
];

/** Changes come in bursts, such as a pod with its events and its set; they are shown together. */
const settleMs = 20;

export function clusterEvent(event: ApiObject): ClusterEvent {
  const times = [
    at(event, "series", "lastObservedTime"),
    event["lastTimestamp"],
    event["eventTime"],
    event.metadata.creationTimestamp,
  ];
  return {
    about: `${text(at(event, "involvedObject", "kind"))}/${text(at(event, "involvedObject", "name"))}`,
    reason: text(event["reason"]),
    message: text(event["message"]),
    type: event["type"] === "Warning" ? "Warning" : "Normal",
    lastSeen: Math.max(0, ...times.map((time) => Date.parse(text(time))).filter(Number.isFinite)),
  };
}

/** The namespace as the API server shows it, again after every change; only the newest view is kept for a slow reader. */
export function observe(api: KubernetesApi, namespace: string, signal: AbortSignal): AsyncIterable<ClusterView> {
  return latestOf((source) => {
    const ended = new AbortController();
    const all = AbortSignal.any([signal, ended.signal]);
    const collections = new Map<string, ReadonlyMap<string, ApiObject>>();
    let settling: NodeJS.Timeout | undefined;

    const show = () => {
      settling = undefined;
      const events = [...(collections.get("Event")?.values() ?? [])].map(clusterEvent);
      const kinds = watched.filter(({ kind }) => kind !== "Event");
      const objects = kinds.flatMap(({ kind }) => [...(collections.get(kind)?.values() ?? [])]);
      source.emit({ objects, events });
    };
    const followed = watched.map((of) =>
      follow(
        api,
        { path: pathOf(of, namespace), apiVersion: of.apiVersion, kind: of.kind },
        (objects) => {
          collections.set(of.kind, objects);
          // Nothing is shown before everything has been read once.
          if (collections.size === watched.length) settling ??= setTimeout(show, settleMs);
        },
        all,
      ).catch((thrown: unknown) => source.end(asFailure(thrown, "watching the namespace"))),
    );
    const onAbort = () => source.end();
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    return async () => {
      signal.removeEventListener("abort", onAbort);
      clearTimeout(settling);
      ended.abort();
      await Promise.all(followed);
    };
  });
}
