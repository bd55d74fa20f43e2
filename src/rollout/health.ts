import { type KubernetesObject, objectName } from "../objects/kubernetes-object.ts";
import { at } from "../objects/read.ts";
import type { ClusterView } from "./cluster-view.ts";
import { containersSeen, endCause, killingProbe, logOf } from "./pod-suspects.ts";
import { suspectOf } from "./readiness.ts";
import type { Suspect } from "./suspect.ts";
import { hasController, isReplaced, progressOf, timeOf } from "./workloads.ts";

export type Health = { state: "well" } | { state: "failing"; suspect: Suspect };

const workloads = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod"]);

/** A container that died must run this long again, in milliseconds, until its preview is called well. */
const recovery = 60_000;

/**
 * Judges a preview that has been ready: failing once a container has died, until it has run for a minute again, or once
 * pods cannot start any more.
 */
export function health(view: ClusterView, clock: { readyAt: number; now: number }): Health {
  for (const live of view.objects.filter(isWorkload)) {
    const progress = progressOf(live, view);
    const suspect =
      dead(progress.pods, view, clock) ??
      (progress.waitingFor === undefined
        ? undefined
        : suspectOf(live, progress, view, { startedAt: clock.readyAt, now: clock.now }));
    if (suspect !== undefined) return { state: "failing", suspect: { object: objectName(live), ...suspect } };
  }
  return { state: "well" };
}

function isWorkload(object: KubernetesObject): boolean {
  return (
    workloads.has(object.kind) && !hasController(object) && object.metadata.annotations?.["helm.sh/hook"] === undefined
  );
}

/** A container that ended after the preview was ready; what ended before was only waiting for something. */
function dead(
  pods: readonly KubernetesObject[],
  view: ClusterView,
  { readyAt, now }: { readyAt: number; now: number },
): Omit<Suspect, "object"> | undefined {
  for (const pod of pods) {
    if (at(pod, "status", "phase") === "Succeeded" || isReplaced(pod)) continue;
    for (const seen of containersSeen(pod).filter(({ init }) => !init)) {
      const started = timeOf(at(seen.status, "state", "running", "startedAt"));
      const recovered = started !== undefined && now - started >= recovery;
      if (seen.ended === undefined || recovered || (timeOf(seen.ended.finishedAt) ?? 0) < readyAt) continue;
      return {
        pod: pod.metadata.name,
        container: seen.name,
        init: false,
        cause: endCause(seen, killingProbe(seen, pod, view.events), "after-ready"),
        log: logOf(pod, seen),
      };
    }
  }
  return undefined;
}
