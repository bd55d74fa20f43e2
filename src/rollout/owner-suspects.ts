import { type KubernetesObject, objectName } from "../objects/kubernetes-object.ts";
import { at, numberOf } from "../objects/read.ts";
import type { ClusterView } from "./cluster-view.ts";
import { blockingPods } from "./blocking-pods.ts";
import { containersSeen, eventsOf } from "./pod-suspects.ts";
import type { Suspect } from "./suspect.ts";
import { condition, progressOf, timeOf } from "./workloads.ts";

type Found = Omit<Suspect, "object">;

/** Milliseconds until a refusal is believed: the last revision's pods may still hold what the new ones need. */
const refusalPatience = 5_000;
const provisioningPatience = 30_000;
/** Clocks of the cluster and ours may differ by so much. */
const skew = 2_000;

/** A Job that the cluster has given up, with the log of its last pod. */
export function failedJob(live: KubernetesObject, view: ClusterView): Found | undefined {
  if (live.kind !== "Job") return undefined;
  const failed = [condition(live, "Failed"), condition(live, "FailureTarget")].find((each) => each?.status === "True");
  if (failed === undefined) return undefined;
  const [last] = progressOf(live, view).pods.toSorted((a, b) => created(b) - created(a));
  const container = last === undefined ? undefined : failedContainer(last);
  return {
    cause: { is: "job-failed", reason: failed.reason, message: failed.message, exitCode: container?.exitCode },
    ...(last !== undefined && { pod: last.metadata.name }),
    ...(last !== undefined &&
      container !== undefined && {
        container: container.name,
        init: container.init,
        log: { pod: last.metadata.name, container: container.name, previous: false },
      }),
  };
}

function failedContainer(
  pod: KubernetesObject,
): { name: string; init: boolean; exitCode: number | undefined } | undefined {
  const all = containersSeen(pod);
  const seen = all.find(({ ended }) => (numberOf(ended?.exitCode) ?? 0) !== 0) ?? all.at(-1);
  return seen && { name: seen.name, init: seen.init, exitCode: numberOf(seen.ended?.exitCode) };
}

/** Pods that the API server did not let be created. */
export function createRefused(
  makers: readonly KubernetesObject[],
  view: ClusterView,
  { startedAt, now }: { startedAt: number; now: number },
): Found | undefined {
  for (const maker of makers) {
    const failure = condition(maker, "ReplicaFailure");
    if (failure?.status === "True" && now - failure.since >= refusalPatience) {
      return { cause: { is: "create-refused", message: failure.message } };
    }
  }
  if (now - startedAt < refusalPatience) return undefined;
  // StatefulSets, DaemonSets and Jobs say it in events only; one of another attempt says nothing of this one.
  for (const maker of makers.filter(({ kind }) => kind !== "Deployment" && kind !== "ReplicaSet")) {
    const last = eventsOf(maker, view.events)
      .filter(
        ({ reason, lastSeen }) => /^(FailedCreate|SuccessfulCreate)$/.test(reason) && lastSeen >= startedAt - skew,
      )
      .toSorted((a, b) => a.lastSeen - b.lastSeen)
      .at(-1);
    if (last?.reason === "FailedCreate") return { cause: { is: "create-refused", message: last.message } };
  }
  return undefined;
}

/** A claim that will not get its volume. One that only waits for its first pod is fine. */
export function claimSuspect(claim: KubernetesObject, view: ClusterView, now: number): Found | undefined {
  const phase = at(claim, "status", "phase");
  if (phase === "Bound") return undefined;
  const unbound = (message: string): Found => ({
    cause: { is: "claim-unbound", message: `${objectName(claim)}: ${message}` },
  });
  if (phase === "Lost") return unbound("its volume is gone");
  const last = eventsOf(claim, view.events)
    .toSorted((a, b) => a.lastSeen - b.lastSeen)
    .at(-1);
  if (last === undefined) return undefined;
  const definite = /no storage class is set|storageclass\S* "[^"]*" not found/.test(last.message);
  const failing = last.reason === "ProvisioningFailed" || last.reason === "FailedBinding";
  if (!failing) return undefined;
  return definite || now - created(claim) >= provisioningPatience ? unbound(last.message) : undefined;
}

function created(object: KubernetesObject): number {
  return timeOf(object.metadata.creationTimestamp) ?? 0;
}

/** A StatefulSet that waits for a pod of the last revision that will never be ready. */
export function stuckUpdate(live: KubernetesObject, view: ClusterView, now: number): Found | undefined {
  for (const { pod, suspect } of blockingPods([live], view, now)) {
    if (suspect !== undefined) return { ...suspect, cause: { is: "stuck-update", pod: pod.metadata.name } };
  }
  return undefined;
}
