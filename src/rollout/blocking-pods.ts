import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { at, numberOf } from "../objects/read.ts";
import type { ClusterView } from "./cluster-view.ts";
import { podSuspect } from "./pod-suspects.ts";
import type { Suspect } from "./suspect.ts";
import { condition, find, isTrue, ownedBy } from "./workloads.ts";

/** Milliseconds after which a pod that merely is not ready counts as one that will not be. */
const patience = 30_000;

/** What keeps a StatefulSet from its newest revision, and what is wrong with it, where that can be told. */
export type BlockingPod = { pod: KubernetesObject; suspect: Omit<Suspect, "object"> | undefined };

/**
 * Pods of the last revision that will not be ready. A StatefulSet that replaces its pods one by one waits for each to be
 * ready first, so a new template never comes to them, even if it is what repairs them.
 */
export function blockingPods(wanted: readonly KubernetesObject[], view: ClusterView, now: number): BlockingPod[] {
  const sets = wanted.flatMap(({ kind, metadata }) =>
    kind === "StatefulSet" ? [find(view, kind, metadata.name)] : [],
  );
  return sets.flatMap((set) => (set === undefined || !replacesInTurn(set) ? [] : blocking(set, view, now)));
}

function replacesInTurn({ spec, status }: KubernetesObject): boolean {
  if (at(spec, "podManagementPolicy") === "Parallel" || at(spec, "updateStrategy", "type") === "OnDelete") return false;
  return at(status, "currentRevision") !== at(status, "updateRevision");
}

function blocking(set: KubernetesObject, view: ClusterView, now: number): BlockingPod[] {
  const revision = at(set, "status", "updateRevision");
  const partition = numberOf(at(set, "spec", "updateStrategy", "rollingUpdate", "partition")) ?? 0;
  const context = { events: view.events, now, retries: "always" } as const;
  return ownedBy(set, "Pod", view).flatMap((pod): BlockingPod[] => {
    const ordinal = Number(pod.metadata.name.slice(set.metadata.name.length + 1));
    const isOld = pod.metadata.labels?.["controller-revision-hash"] !== revision && ordinal >= partition;
    if (!isOld || isTrue(pod, "Ready")) return [];
    const suspect = podSuspect(pod, context);
    const since = condition(pod, "Ready")?.since;
    const lasts = since !== undefined && now - since >= patience;
    return suspect !== undefined || lasts ? [{ pod, suspect }] : [];
  });
}
