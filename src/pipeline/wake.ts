import { needsOf } from "../policy/capacity.ts";
import { FailureError, type Failure } from "../preview/failure.ts";
import { namespaceOf } from "../preview/names.ts";
import { commitToShow } from "../preview/pinned.ts";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import type { ClusterView } from "../rollout/cluster-view.ts";
import { assess } from "../rollout/readiness.ts";
import { hasController } from "../rollout/workloads.ts";
import { endOf } from "./deploy.ts";
import { explain } from "./explain.ts";
import { openRecord } from "./open-record.ts";
import { callNext, takePlace, wait } from "./place.ts";
import { type StatusChanges, trackProgress } from "./progress.ts";
import { withTicks } from "./ticks.ts";
import type { World } from "./world.ts";

/**
 * Scales everything back to what it was and waits until it is ready again, or says why not. Answers `missing` where the
 * preview's service is not there any more, so that somebody has to deploy it anew.
 */
export async function wake(
  world: World,
  pr: PullRequest,
  found: Preview,
  signal: AbortSignal,
): Promise<"told" | { missing: Preview }> {
  const opened = await openRecord(world, pr, found, signal);
  const claim: StatusChanges = { phase: "Deploying", reason: undefined, remedy: undefined };
  const { preview, line } = await takePlace(world, opened, needsOf(found, true), claim, signal);
  if (line !== undefined) {
    await wait(world, pr, preview, line, signal);
    return "told";
  }
  const startedAt = world.clock.now();
  const progress = trackProgress(world, pr, preview, signal);
  await progress.update({
    waitingSince: undefined,
    place: undefined,
    toldPlace: undefined,
    startedAt: startedAt.toISOString(),
  });
  try {
    const { deployedCommit, failure, asleep } = preview.status;
    await world.cluster.wake(namespaceOf(preview.name), asleep?.workloads ?? [], signal);
    // A commit that had failed before it slept has failed still; what ran beside it runs again.
    const hadFailed = failure !== undefined && deployedCommit !== commitToShow(preview, pr.head.sha);
    const wrong = hadFailed ? failure : await untilReady(world, preview, startedAt.getTime(), signal);
    if (wrong === "missing") return { missing: progress.preview() };
    const phase = wrong === undefined ? "Ready" : hadFailed ? "Failed" : "Failing";
    const woken: StatusChanges = {
      phase,
      failure: wrong,
      asleep: undefined,
      startedWorkAt: undefined,
      retries: undefined,
      ...(hadFailed ? {} : { readyAt: world.clock.now().toISOString() }),
    };
    await progress.finish({ ...woken, ...endOf(world, progress.preview(), woken) }, () => callNext(world, signal));
    return "told";
  } finally {
    await progress.ended();
  }
}

/** Resolves when all workloads are up, with what is wrong where that can be seen. */
async function untilReady(
  world: World,
  preview: Preview,
  startedAt: number,
  signal: AbortSignal,
): Promise<Failure | "missing" | undefined> {
  const namespace = namespaceOf(preview.name);
  const services = preview.status.urls?.map(({ service }) => service) ?? [];
  const deadline = startedAt + world.rules.readySeconds * 1_000;
  const never = new Promise<void>(() => undefined);
  const ended = new AbortController();
  const watching = AbortSignal.any([signal, ended.signal]);
  try {
    for await (const view of withTicks(world, world.cluster.observe(namespace, watching), never, watching)) {
      if (services.some((service) => !isThere(view, service))) return "missing";
      const clock = { startedAt, now: world.clock.now().getTime(), deadline };
      const judged = assess(view.objects.filter(isWorkload), view, clock);
      if (judged.state === "ready") return undefined;
      if (judged.state === "failed") return await explain(world, namespace, judged.suspect, view, [], signal);
    }
  } finally {
    ended.abort();
  }
  signal.throwIfAborted();
  throw new FailureError({
    kind: "transient",
    code: "watch-ended",
    what: "The watch of the preview's namespace ended by itself.",
    remedy: "It is tried again by itself.",
  });
}

function isThere(view: ClusterView, service: string): boolean {
  return view.objects.some((object) => object.kind === "Service" && object.metadata.name === service);
}

function isWorkload(object: KubernetesObject): boolean {
  return ["Deployment", "StatefulSet", "DaemonSet"].includes(object.kind) && !hasController(object);
}
