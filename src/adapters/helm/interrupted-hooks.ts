import { setTimeout as wait } from "node:timers/promises";
import { unlessMissing } from "../kubernetes/api-error.ts";
import { at, isJson } from "../kubernetes/api-object.ts";
import type { ApiObject } from "../kubernetes/api-object.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import { listAll } from "../kubernetes/follow.ts";
import type { Resource } from "../kubernetes/resources.ts";
import { pathOf, resources } from "../kubernetes/resources.ts";

const pollMs = 100;
const graceSeconds = 1;
const jobLabel = "batch.kubernetes.io/job-name";

const isHook = (object: ApiObject) => object.metadata.annotations?.["helm.sh/hook"] !== undefined;

function isFinished(object: ApiObject): boolean {
  const phase = at(object, "status", "phase");
  if (phase === "Succeeded" || phase === "Failed") return true;
  const conditions = at(object, "status", "conditions");
  return (Array.isArray(conditions) ? conditions : []).some(
    (each) => isJson(each) && each["status"] === "True" && (each["type"] === "Complete" || each["type"] === "Failed"),
  );
}

/**
 * Removes what an interrupted release's hooks still run, and waits until no pod of theirs is left: the next release
 * starts the same hooks, and two migrations must never run at once. Finished hooks stay for Helm to replace.
 */
export async function endInterruptedHooks(api: KubernetesApi, namespace: string, signal: AbortSignal): Promise<void> {
  const list = async ({ apiVersion, kind, ...rest }: Resource, labelSelector?: string) => {
    const path = pathOf({ apiVersion, kind, ...rest }, namespace);
    const query = labelSelector === undefined ? {} : { labelSelector };
    return (await listAll(api, { path, query, apiVersion, kind }, signal)).items;
  };
  const remove = (of: Resource, name: string, options: object) =>
    unlessMissing(api.json({ method: "DELETE", path: pathOf(of, namespace, name), body: options, signal }));

  for (;;) {
    const [jobs, pods] = await Promise.all([list(resources.Job), list(resources.Pod)]);
    const running = jobs.filter(
      (job) => isHook(job) && (!isFinished(job) || job.metadata.deletionTimestamp !== undefined),
    );
    const existing = new Set(jobs.map((job) => job.metadata.name));
    const interrupted = new Set(running.map((job) => job.metadata.name));
    const left = pods.filter((pod) => {
      if (isFinished(pod)) return false;
      const job = pod.metadata.labels?.[jobLabel];
      // A Job that was just deleted may leave its pod behind for the length of its grace.
      return job === undefined ? isHook(pod) : interrupted.has(job) || !existing.has(job);
    });
    if (running.length === 0 && left.length === 0) return;
    await Promise.all([
      ...running.map((job) => remove(resources.Job, job.metadata.name, { propagationPolicy: "Background" })),
      ...left
        .filter((pod) => pod.metadata["deletionGracePeriodSeconds"] !== graceSeconds)
        .map((pod) => remove(resources.Pod, pod.metadata.name, { gracePeriodSeconds: graceSeconds })),
    ]);
    await wait(pollMs, undefined, { signal });
  }
}
