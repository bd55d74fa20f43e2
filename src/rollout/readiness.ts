import { type KubernetesObject, objectName } from "../objects/kubernetes-object.ts";
import { at, listOf, textOf } from "../objects/read.ts";
import type { ClusterView } from "./cluster-view.ts";
import { containersSeen, eventsOf, podSuspect } from "./pod-suspects.ts";
import { isSettled } from "./settled.ts";
import type { Suspect } from "./suspect.ts";
import { claimSuspect, createRefused, failedJob, stuckUpdate } from "./owner-suspects.ts";
import { find, isReplaced, type Progress, progressOf } from "./workloads.ts";

/** Milliseconds since the epoch. */
export type RolloutClock = { startedAt: number; now: number; deadline: number };

export type Assessment =
  | { state: "ready" }
  /** Each entry ends the sentence `waiting for …`. */
  | { state: "waiting"; waitingFor: string[] }
  | { state: "failed"; suspect: Suspect };

/**
 * Judges whether the wanted objects are up. Says ready as soon as it is true, and failed as soon as it is clear that
 * waiting would not help: only what the newest revision made counts, and what may pass by itself gets a little time.
 */
export function assess(wanted: readonly KubernetesObject[], view: ClusterView, clock: RolloutClock): Assessment {
  const looked = wanted.map((object) => ({ object, ...look(object, view, clock.now) }));
  const unfinished = looked.filter(({ progress }) => progress.waitingFor !== undefined);
  const claims = looked.filter(({ object: { kind } }) => kind === "PersistentVolumeClaim");
  for (const { object, live, progress } of [...claims, ...unfinished]) {
    const suspect = suspectOf(live, progress, view, clock);
    if (suspect !== undefined) return { state: "failed", suspect: { object: objectName(object), ...suspect } };
  }
  if (unfinished.length === 0) return { state: "ready" };
  const waitingFor = unfinished.flatMap(({ progress }) => progress.waitingFor ?? []);
  if (clock.now < clock.deadline) return { state: "waiting", waitingFor };
  return { state: "failed", suspect: timeIsUp(unfinished, waitingFor, view, clock) };
}

type Looked = { object: KubernetesObject; live: KubernetesObject | undefined; progress: Progress };

function look(
  object: KubernetesObject,
  view: ClusterView,
  now: number,
): { live: KubernetesObject | undefined; progress: Progress } {
  const live = find(view, object.kind, object.metadata.name);
  if (live !== undefined) return { live, progress: settled(live, progressOf(live, view), now) };
  const nothing = { pods: [], makers: [] };
  // Kinds that are not looked at in the cluster are there once Helm has applied them.
  if (!observedKinds.has(object.kind) || hasCompleted(object, view)) {
    return { live, progress: { ...nothing, waitingFor: undefined } };
  }
  return { live, progress: { ...nothing, waitingFor: `${objectName(object)} to be created` } };
}

function settled(live: KubernetesObject, progress: Progress, now: number): Progress {
  if (progress.waitingFor !== undefined || live.kind === "Job") return progress;
  const waitingFor = progress.pods.every((pod) => isSettled(pod, now)) ? undefined : `${objectName(live)} to stay up`;
  return { ...progress, waitingFor };
}

const observedKinds = new Set([
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "ReplicaSet",
  "Job",
  "CronJob",
  "Pod",
  "Service",
]);

/** A Job may delete itself when it is done. */
function hasCompleted(object: KubernetesObject, view: ClusterView): boolean {
  return object.kind === "Job" && eventsOf(object, view.events).some(({ reason }) => reason === "Completed");
}

const mostReplaced = 3;

/** What is wrong with an object that is not up yet; the nearest cause first. */
export function suspectOf(
  live: KubernetesObject | undefined,
  progress: Progress,
  view: ClusterView,
  clock: Omit<RolloutClock, "deadline">,
): Omit<Suspect, "object"> | undefined {
  if (live === undefined) return undefined;
  if (live.kind === "PersistentVolumeClaim") return claimSuspect(live, view, clock.now);
  const claims = claimsOf(progress.pods, view);
  for (const claim of claims) {
    const suspect = claimSuspect(claim, view, clock.now);
    if (suspect !== undefined) return suspect;
  }
  const context = { events: view.events, now: clock.now, retries: live.kind === "Job" ? "job" : "always" } as const;
  const replaced = live.kind === "Job" ? [] : progress.pods.filter(isReplaced);
  // A pod that its node ended is made anew; but not for ever.
  const pods = replaced.length < mostReplaced ? progress.pods.filter((pod) => !replaced.includes(pod)) : progress.pods;
  for (const pod of pods) {
    const suspect = podSuspect(pod, context);
    if (suspect !== undefined) return suspect;
  }
  return failedJob(live, view) ?? stuckUpdate(live, view, clock.now) ?? createRefused(progress.makers, view, clock);
}

function claimsOf(pods: readonly KubernetesObject[], view: ClusterView): KubernetesObject[] {
  const names = pods
    .flatMap((pod) => listOf(at(pod, "spec", "volumes")))
    .map((volume) => textOf(at(volume, "persistentVolumeClaim", "claimName")));
  return view.objects.filter(
    (object) => object.kind === "PersistentVolumeClaim" && names.includes(object.metadata.name),
  );
}

/** The suspect when nothing failed and yet not all is ready: the first container that runs and does not become ready. */
function timeIsUp(
  unfinished: readonly Looked[],
  waitingFor: string[],
  view: ClusterView,
  { startedAt, now }: RolloutClock,
): Suspect {
  const seconds = Math.round((now - startedAt) / 1_000);
  for (const { object, progress } of unfinished) {
    for (const pod of progress.pods) {
      const seen = containersSeen(pod).find(
        ({ status, init, endedNow }) => status.ready !== true && !(init && endedNow),
      );
      if (seen === undefined) continue;
      const probe = eventsOf(pod, view.events)
        .filter(({ reason, message }) => reason === "Unhealthy" && /^(Readiness|Startup) probe/.test(message))
        .at(-1)?.message;
      return {
        object: objectName(object),
        pod: pod.metadata.name,
        container: seen.name,
        init: seen.init,
        cause: { is: "deadline", seconds, waitingFor, probe },
        log: { pod: pod.metadata.name, container: seen.name, previous: false },
      };
    }
  }
  const [first] = unfinished;
  const object = first === undefined ? "" : objectName(first.object);
  return { object, cause: { is: "deadline", seconds, waitingFor, probe: undefined } };
}
