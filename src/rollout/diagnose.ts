import { quote } from "../objects/words.ts";
import { boundEvidence, type Failure } from "../preview/failure.ts";
import type { ClusterView } from "./cluster-view.ts";
import { cannotRun, containerConfig, outOfMemory } from "./explain-container.ts";
import { crash, jobFailed, podFailed, stuckUpdate } from "./explain-exit.ts";
import { imagePull } from "./explain-image.ts";
import { unschedulable } from "./explain-placement.ts";
import { deadline, probeKilled } from "./explain-probe.ts";
import { createRefused } from "./explain-refusal.ts";
import { claimUnbound, sandbox, volume } from "./explain-volume.ts";
import type { Explanation, Scene } from "./explanation.ts";
import type { Cause, Suspect } from "./suspect.ts";

/** Says what failed, why, and what to do about it, in words for whoever wrote the pull request. */
export function diagnose(suspect: Suspect, view: ClusterView, logTail: string): Failure {
  const scene = { suspect, view, logTail, subject: subjectOf(suspect) };
  const { evidence, ...explanation } = explain(suspect.cause, scene);
  const bounded = evidence === undefined ? "" : boundEvidence(evidence);
  return { kind: "user", ...explanation, ...(bounded !== "" && { evidence: bounded }) };
}

function explain(cause: Cause, scene: Scene): Explanation {
  switch (cause.is) {
    case "create-refused":
      return createRefused(cause, scene);
    case "image-pull":
      return imagePull(cause, scene);
    case "container-config":
      return containerConfig(cause, scene);
    case "cannot-run":
      return cannotRun(cause, scene);
    case "crash":
      return crash(cause, scene);
    case "probe-killed":
      return probeKilled(cause, scene);
    case "out-of-memory":
      return outOfMemory(cause, scene);
    case "job-failed":
      return jobFailed(cause, scene);
    case "pod-failed":
      return podFailed(cause, scene);
    case "stuck-update":
      return stuckUpdate(cause, scene);
    case "unschedulable":
      return unschedulable(cause, scene);
    case "claim-unbound":
      return claimUnbound(cause, scene);
    case "volume":
      return volume(cause, scene);
    case "sandbox":
      return sandbox(cause, scene);
    case "deadline":
      return deadline(cause, scene);
  }
}

/** The container by its name, with its workload where the name does not say it. */
function subjectOf({ object, container, init }: Suspect): string {
  if (container === undefined) return quote(object);
  const kind = init === true ? "Init container " : "";
  return object.endsWith(`/${container}`)
    ? `${kind}${quote(container)}`
    : `${kind}${quote(container)} of ${quote(object)}`;
}
