import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { at } from "../objects/read.ts";
import { containersSeen, type Seen } from "./pod-suspects.ts";
import { timeOf } from "./workloads.ts";

/** A container without a readiness probe is ready when it starts; it has to run this long, in milliseconds, too. */
const unproven = 2_000;
/** One that has ended before has to run so much longer than it did then, but not longer than this in all. */
const margin = 3_000;
const longest = 30_000;

/**
 * Whether the containers of a pod that counts as ready are up to stay: between two crashes of a program without a probe
 * there is a moment in which it is ready, too.
 */
export function isSettled(pod: KubernetesObject, now: number): boolean {
  // A pod that is over, such as an evicted one, has been replaced, or its workload would not be complete.
  if (["Succeeded", "Failed"].includes(String(at(pod, "status", "phase")))) return true;
  return containersSeen(pod).every((seen) => seen.init || staysUp(seen, now));
}

function staysUp({ spec, status, ended }: Seen, now: number): boolean {
  if (status.ready !== true) return false;
  if (spec.readinessProbe !== undefined) return true;
  const started = timeOf(at(status, "state", "running", "startedAt"));
  if (started === undefined) return false;
  const lastRun = (timeOf(ended?.finishedAt) ?? 0) - (timeOf(ended?.startedAt) ?? 0);
  return now - started >= (ended === undefined ? unproven : Math.min(lastRun + margin, longest));
}
