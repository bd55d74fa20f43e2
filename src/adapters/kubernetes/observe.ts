import type { ClusterEvent, ClusterView } from "../../rollout/cluster-view.ts";
import type { ApiObject } from "./api-object.ts";
import { at, text } from "./api-object.ts";
import type { KubernetesApi } from "./api.ts";
import { follow } from "./follow.ts";
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
export async function* observe(
  api: KubernetesApi,
  namespace: string,
  signal: AbortSignal,
): AsyncGenerator<ClusterView> {
  const ended = new AbortController();
  const all = AbortSignal.any([signal, ended.signal]);
  const collections = new Map<string, ReadonlyMap<string, ApiObject>>();
  let changes = 0;
  let shown = 0;
  let wake: (() => void) | undefined;
  let failed: { thrown: unknown } | undefined;

  const followed = watched.map(({ kind, apiVersion, ...rest }) =>
    follow(
      api,
      { path: pathOf({ kind, apiVersion, ...rest }, namespace), apiVersion, kind },
      (objects) => {
        collections.set(kind, objects);
        changes += 1;
        wake?.();
      },
      all,
    ).catch((thrown: unknown) => {
      failed ??= { thrown };
      wake?.();
    }),
  );
  const stop = () => wake?.();
  signal.addEventListener("abort", stop, { once: true });

  try {
    while (!signal.aborted) {
      if (failed !== undefined) throw failed.thrown;
      if (changes === shown || collections.size < watched.length) {
        const seen = changes;
        await new Promise<void>((resolve) => {
          wake = () => {
            if (signal.aborted || failed !== undefined || changes > seen) resolve();
          };
          wake();
        });
        continue;
      }
      await new Promise((resolve) => setTimeout(resolve, settleMs));
      shown = changes;
      const events = [...(collections.get("Event")?.values() ?? [])].map(clusterEvent);
      const objects = watched.flatMap(({ kind }) =>
        kind === "Event" ? [] : [...(collections.get(kind)?.values() ?? [])],
      );
      if (!signal.aborted) yield { objects, events };
    }
  } finally {
    signal.removeEventListener("abort", stop);
    ended.abort();
    await Promise.all(followed);
  }
}
