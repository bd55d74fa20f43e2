import { containersOf } from "../objects/pod-template.ts";
import { pullSecretName } from "../objects/our-names.ts";
import { at, isMap, type Json, listOf, numberOf, textOf } from "../objects/read.ts";
import { type KubernetesObject, objectName } from "../objects/kubernetes-object.ts";
import type { ClusterEvent } from "./cluster-view.ts";
import type { Cause, LogSource, Suspect } from "./suspect.ts";
import { condition, isTrue, timeOf } from "./workloads.ts";

/** Milliseconds that trouble may last before it is called a failure; each may still pass by itself until then. */
const patience = {
  unschedulable: 10_000,
  missingConfiguration: 10_000,
  pull: 25_000,
  volume: 15_000,
  /** A volume is detached from the last pod's node, a network is set up: slower, and often by itself. */
  slow: 60_000,
  crashLoop: 45_000,
};

/** A program that waits for its database by crashing gets this many tries. */
const mostExits = 3;
/** Running out of memory is rarely different the next time. */
const mostKills = 2;

const definitePullErrors =
  /not found|does not exist|manifest unknown|name unknown|no match for platform|invalid reference|\b40[04]\b/i;

export type PodContext = {
  events: readonly ClusterEvent[];
  now: number;
  /** Whether the kubelet keeps starting its containers again because that is how its workload works. */
  retries: "always" | "job";
};

/** One container of a pod as it is. */
export type Seen = {
  name: string;
  init: boolean;
  spec: Json;
  status: Json;
  waiting: { reason: string; message: string } | undefined;
  /** The end of it that is the newest: of this run, else of the one before. */
  ended: Json | undefined;
  endedNow: boolean;
};

/** What is wrong with a pod of the newest revision, or undefined while it may still come right. */
export function podSuspect(pod: KubernetesObject, context: PodContext): Omit<Suspect, "object"> | undefined {
  const name = pod.metadata.name;
  const cause = unschedulable(pod, context) ?? (context.retries === "always" ? failedPod(pod) : undefined);
  if (cause !== undefined) return { pod: name, cause };

  for (const seen of containersSeen(pod)) {
    const found =
      imagePull(seen, pod, context) ??
      configuration(seen, pod, context) ??
      cannotRun(seen, pod, context) ??
      (context.retries === "always" ? ending(seen, pod, context) : undefined);
    if (found !== undefined) {
      return { pod: name, container: seen.name, init: seen.init, ...found };
    }
  }
  const notStarted = volume(pod, context);
  return notStarted === undefined ? undefined : { pod: name, cause: notStarted };
}

type Found = { cause: Cause; log?: LogSource };

export function containersSeen(pod: KubernetesObject): Seen[] {
  const spec = isMap(pod.spec) ? pod.spec : {};
  const statuses = ["initContainerStatuses", "containerStatuses"].flatMap((field) => listOf(at(pod, "status", field)));
  return containersOf({ path: "spec", spec }).flatMap(({ name, init, container }): Seen[] => {
    const status = statuses.find((each) => at(each, "name") === name);
    if (!isMap(status)) return [];
    const waiting = at(status, "state", "waiting");
    const terminated = at(status, "state", "terminated");
    const last = at(status, "lastState", "terminated");
    return [
      {
        name,
        init,
        spec: container,
        status,
        waiting: isMap(waiting)
          ? { reason: textOf(waiting.reason) ?? "", message: textOf(waiting.message) ?? "" }
          : undefined,
        ended: isMap(terminated) ? terminated : isMap(last) ? last : undefined,
        endedNow: isMap(terminated),
      },
    ];
  });
}

function unschedulable(pod: KubernetesObject, { events, now }: PodContext): Cause | undefined {
  const scheduled = condition(pod, "PodScheduled");
  if (scheduled?.status !== "False" || scheduled.reason !== "Unschedulable") return undefined;
  if (now - scheduled.since < patience.unschedulable) return undefined;
  const answers = eventsOf(pod, events).filter(({ reason }) => /TriggeredScaleUp|NotTriggerScaleUp/.test(reason));
  const last = answers.toSorted((a, b) => a.lastSeen - b.lastSeen).at(-1);
  if (last?.reason === "TriggeredScaleUp") return undefined;
  const { message } = scheduled;
  if (!/PersistentVolumeClaim|persistentvolumeclaim/.test(message)) return { is: "unschedulable", message };
  // Claims are bound a moment after their pod wants them; a claim that cannot be bound says so itself, and earlier.
  return now - scheduled.since < patience.slow && !message.includes("not found")
    ? undefined
    : { is: "claim-unbound", message };
}

/** A pod that ended as a whole: evicted, or refused by its node. */
function failedPod(pod: KubernetesObject): Cause | undefined {
  if (at(pod, "status", "phase") !== "Failed") return undefined;
  const reason = textOf(at(pod, "status", "reason"));
  return reason === undefined
    ? undefined
    : { is: "pod-failed", reason, message: textOf(at(pod, "status", "message")) ?? "" };
}

function imagePull({ waiting, spec }: Seen, pod: KubernetesObject, { events, now }: PodContext): Found | undefined {
  if (waiting === undefined) return undefined;
  const { reason, message } = waiting;
  if (
    !/^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|ErrInvalidImageName|ImageInspectError|RegistryUnavailable)$/.test(
      reason,
    )
  ) {
    return undefined;
  }
  const image = textOf(spec.image) ?? "";
  const told = eventsOf(pod, events);
  // Not a refusal: in a namespace that is seconds old the kubelet may not see the pull secret yet, and asks without it.
  // Its event that says so may come after the refusal itself; whoever must not pull is refused a second time.
  const unseen = told.filter((event) => event.reason === "FailedToRetrieveImagePullSecret");
  const definite = /Invalid|Never/.test(reason) || (definitePullErrors.test(message) && unseen.length === 0);
  // Who has backed off and finds the same again has had its second try.
  const again =
    reason === "ErrImagePull" &&
    told.some((event) => event.reason === "BackOff" && event.message.includes(image)) &&
    (unseen.length === 0 || failedWithSecrets(image, told, unseen));
  const ours = unseen.some((event) => event.message.includes(pullSecretName));
  const waits = ours ? patience.slow : patience.pull;
  if (!definite && !again && now - lastChange(pod) < waits) return undefined;
  return { cause: { is: "image-pull", image, message } };
}

const last = (events: readonly ClusterEvent[]) => Math.max(...events.map(({ lastSeen }) => lastSeen));

/** Whether a pull that began after the kubelet had last missed a pull secret has failed as well. */
function failedWithSecrets(image: string, told: readonly ClusterEvent[], unseen: readonly ClusterEvent[]): boolean {
  const of = (reason: string) => last(told.filter((event) => event.reason === reason && event.message.includes(image)));
  // Events tell whole seconds, and the one try's two of them may lie on both sides of one.
  const begun = of("Pulling");
  return begun >= last(unseen) + 2_000 && of("Failed") >= begun;
}

function configuration({ waiting }: Seen, pod: KubernetesObject, { now }: PodContext): Found | undefined {
  if (waiting?.reason !== "CreateContainerConfigError") return undefined;
  const mayAppear = /not found|couldn't find key/i.test(waiting.message);
  if (mayAppear && now - lastChange(pod) < patience.missingConfiguration) return undefined;
  return { cause: { is: "container-config", message: waiting.message } };
}

function cannotRun({ waiting, ended }: Seen, pod: KubernetesObject, { now }: PodContext): Found | undefined {
  const reason = textOf(ended?.reason) ?? "";
  if (/^(StartError|ContainerCannotRun)$/.test(reason)) {
    return { cause: { is: "cannot-run", message: textOf(ended?.message) ?? "" } };
  }
  if (waiting?.reason !== "CreateContainerError" || now - lastChange(pod) < patience.missingConfiguration)
    return undefined;
  return { cause: { is: "cannot-run", message: waiting.message } };
}

/** A container that ended although it should run, or an init container that ended with an error. */
function ending(seen: Seen, pod: KubernetesObject, { events, now }: PodContext): Found | undefined {
  const { ended, waiting } = seen;
  const exitCode = numberOf(ended?.exitCode);
  if (ended === undefined || exitCode === undefined) return undefined;
  if (seen.init && exitCode === 0) return undefined;
  const restarts = numberOf(seen.status.restartCount) ?? 0;
  const backsOff = waiting?.reason === "CrashLoopBackOff";
  const exits = restarts + (seen.endedNow || backsOff ? 1 : 0);
  const killed = ended.reason === "OOMKilled";
  const stuck = backsOff && now - (timeOf(ended.finishedAt) ?? now) >= patience.crashLoop;
  const once = at(pod, "spec", "restartPolicy") === "Never";
  if (once && exitCode === 0) return undefined;
  if (!once && !stuck && exits < (killed ? mostKills : mostExits)) return undefined;
  // It came right in the end: a container that is ready now has only been waiting for something.
  if (!seen.init && at(seen.status, "ready") === true) return undefined;
  const probe = events.length === 0 ? undefined : killingProbe(seen, pod, events);
  return { cause: endCause(seen, probe, "before-ready"), log: logOf(pod, seen) };
}

/** What the end of a container says about its cause. */
export function endCause(seen: Seen, probe: Cause | undefined, when: "before-ready" | "after-ready"): Cause {
  const { ended, spec } = seen;
  if (ended?.reason === "OOMKilled") {
    return { is: "out-of-memory", limit: textOf(at(spec, "resources", "limits", "memory")) };
  }
  if (probe !== undefined) return probe;
  const exits = (numberOf(seen.status.restartCount) ?? 0) + (seen.endedNow || seen.waiting !== undefined ? 1 : 0);
  const exitCode = numberOf(ended?.exitCode) ?? 0;
  return { is: "crash", exitCode, exits, signal: signalOf(ended, exitCode), when };
}

export function logOf(pod: KubernetesObject, { name, status }: Seen): LogSource {
  return { pod: pod.metadata.name, container: name, previous: isMap(at(status, "state", "running")) };
}

const signals: Record<number, string> = {
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  15: "SIGTERM",
};

function signalOf(ended: Json | undefined, exitCode: number): string | undefined {
  return signals[numberOf(ended?.signal) ?? exitCode - 128];
}

/** The kubelet says in an event when it kills a container for its probe. */
export function killingProbe(
  { name }: Seen,
  pod: KubernetesObject,
  events: readonly ClusterEvent[],
): Cause | undefined {
  const of = eventsOf(pod, events);
  const killing = of.find(
    ({ reason, message }) => reason === "Killing" && message.includes(`Container ${name} failed`),
  );
  const probe = killing === undefined ? undefined : /failed (liveness|startup) probe/.exec(killing.message)?.[1];
  if (probe !== "liveness" && probe !== "startup") return undefined;
  const answer = of.find(({ reason, message }) => reason === "Unhealthy" && message.toLowerCase().startsWith(probe));
  return {
    is: "probe-killed",
    probe: `${probe}Probe`,
    message: answer?.message.replace(/^\w+ probe (failed|errored): /i, "").trim() ?? "",
  };
}

function volume(pod: KubernetesObject, { events, now }: PodContext): Cause | undefined {
  if (!isTrue(pod, "PodScheduled") || isTrue(pod, "ContainersReady")) return undefined;
  const creating = containersSeen(pod).some(({ waiting }) =>
    /^(ContainerCreating|PodInitializing)$/.test(waiting?.reason ?? ""),
  );
  if (!creating) return undefined;
  const waited = now - lastChange(pod);
  const warnings = eventsOf(pod, events).filter(
    ({ type, lastSeen }) => type === "Warning" && lastSeen >= lastChange(pod) - 2_000,
  );
  const trouble = warnings
    .filter(({ reason }) => /^(FailedMount|FailedAttachVolume|FailedMapVolume|FailedCreatePodSandBox)$/.test(reason))
    .toSorted((a, b) => a.lastSeen - b.lastSeen)
    .at(-1);
  if (trouble === undefined) return undefined;
  const { message, reason } = trouble;
  const missing = reason === "FailedMount" && message.includes("not found");
  if (waited < (missing ? patience.volume : patience.slow)) return undefined;
  return { is: reason === "FailedCreatePodSandBox" ? "sandbox" : "volume", message };
}

/** When something in the pod last went ahead: it was scheduled, or a container started or ended. */
function lastChange(pod: KubernetesObject): number {
  const times = ["initContainerStatuses", "containerStatuses"]
    .flatMap((field) => listOf(at(pod, "status", field)))
    .flatMap((status) => [
      at(status, "state", "running", "startedAt"),
      at(status, "state", "terminated", "finishedAt"),
      at(status, "lastState", "terminated", "finishedAt"),
    ]);
  return Math.max(
    ...[...times, at(pod, "status", "startTime"), pod.metadata.creationTimestamp].map((time) => timeOf(time) ?? 0),
  );
}

export function eventsOf(object: KubernetesObject, events: readonly ClusterEvent[]): ClusterEvent[] {
  return events.filter(({ about }) => about === objectName(object));
}
