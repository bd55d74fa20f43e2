import { annotations, keyPrefix } from "../../objects/our-names.ts";
import { FailureError } from "../../preview/failure.ts";
import { previewStatus } from "../../preview/preview.ts";
import type { SleepingWorkload } from "../../preview/preview.ts";
import { isConflict, unlessMissing } from "./api-error.ts";
import { apiObject, at } from "./api-object.ts";
import type { ApiObject } from "./api-object.ts";
import { mergePatch } from "./api.ts";
import type { KubernetesApi } from "./api.ts";
import { listAll } from "./follow.ts";
import { namespacePath, pathOf, resources } from "./resources.ts";

/** On the namespace: what sleeps in it and was how large, written before anything is scaled, so that no count is lost. */
const asleepAnnotation = `${keyPrefix}asleep`;

const kinds: readonly SleepingWorkload["kind"][] = ["Deployment", "StatefulSet", "CronJob"];
const workloads = previewStatus.shape.asleep.unwrap().shape.workloads;

type Found = { workload: SleepingWorkload; object: ApiObject };

const nameOf = ({ kind, name }: SleepingWorkload) => `${kind}/${name}`;

/** Everything that can be put to sleep; `replicas` is what it has now, and undefined for a CronJob. */
async function findAll(api: KubernetesApi, namespace: string, signal: AbortSignal): Promise<Map<string, Found>> {
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const { apiVersion } = resources[kind];
      const { items } = await listAll(api, { path: pathOf(resources[kind], namespace), apiVersion, kind }, signal);
      return items.map((object): [string, Found] => {
        const replicas = at(object, "spec", "replicas");
        const { name } = object.metadata;
        const workload: SleepingWorkload =
          kind === "CronJob" ? { kind, name } : { kind, name, replicas: typeof replicas === "number" ? replicas : 1 };
        return [nameOf(workload), { workload, object }];
      });
    }),
  );
  return new Map(lists.flat());
}

function sleeps({ workload, object }: Found): boolean {
  return workload.kind === "CronJob" ? at(object, "spec", "suspend") === true : workload.replicas === 0;
}

/** Whether it was scaled, or released by another attempt, between the two; its controller's notes on it do not count. */
function isChanged(before: ApiObject, { metadata }: ApiObject): boolean {
  const attempt = before.metadata.annotations?.[annotations.attempt];
  return (
    metadata.uid !== before.metadata.uid ||
    metadata["generation"] !== before.metadata["generation"] ||
    metadata.annotations?.[annotations.attempt] !== attempt
  );
}

/**
 * Writes the replicas or `suspend` of what was found, unless somebody has changed it meanwhile: a worker that was held
 * up must not scale what another one has released or woken. A HorizontalPodAutoscaler rests while its target has no
 * replicas, and takes it over again once it has some.
 */
async function write(
  api: KubernetesApi,
  namespace: string,
  { workload, object }: Found,
  spec: { replicas: number } | { suspend: boolean },
  signal: AbortSignal,
): Promise<void> {
  const path = pathOf(resources[workload.kind], namespace, workload.name);
  const target = workload.kind === "CronJob" ? path : `${path}/scale`;
  for (let { resourceVersion } = object.metadata; ; ) {
    const body = { metadata: { resourceVersion }, spec };
    try {
      await unlessMissing(api.json({ method: "PATCH", path: target, contentType: mergePatch, body, signal }));
      return;
    } catch (thrown) {
      if (!isConflict(thrown)) throw thrown;
      const now = (await findAll(api, namespace, signal)).get(nameOf(workload))?.object;
      if (now === undefined) return;
      if (isChanged(object, now)) throw changedMeanwhile(workload, thrown);
      resourceVersion = now.metadata.resourceVersion;
    }
  }
}

function changedMeanwhile(workload: SleepingWorkload, cause: unknown): FailureError {
  const what = `\`${nameOf(workload)}\` was changed while it was being scaled.`;
  const remedy = "It is tried again by itself.";
  return new FailureError({ kind: "transient", code: "workload-changed", what, remedy }, { cause });
}

async function readNamespace(api: KubernetesApi, namespace: string, signal: AbortSignal) {
  const answer = await unlessMissing(api.json({ path: namespacePath(namespace), signal }));
  const found = answer === undefined ? undefined : apiObject(answer);
  return found?.metadata.deletionTimestamp === undefined ? found : undefined;
}

/** What the namespace itself remembers; nothing where somebody wrote something else there. */
function remembered({ metadata }: ApiObject): SleepingWorkload[] {
  try {
    return workloads.parse(JSON.parse(metadata.annotations?.[asleepAnnotation] ?? "[]"));
  } catch {
    return [];
  }
}

async function remember(
  api: KubernetesApi,
  { metadata }: ApiObject,
  asleep: readonly SleepingWorkload[],
  signal: AbortSignal,
): Promise<void> {
  const value = asleep.length === 0 ? null : JSON.stringify(asleep);
  const body = { metadata: { uid: metadata.uid, annotations: { [asleepAnnotation]: value } } };
  await api.json({ method: "PATCH", path: namespacePath(metadata.name), contentType: mergePatch, body, signal });
}

/** Scales everything in the namespace to nothing and answers all that sleeps in it by now, as it was when awake. */
export async function putToSleep(
  api: KubernetesApi,
  namespace: string,
  signal: AbortSignal,
): Promise<SleepingWorkload[]> {
  const space = await readNamespace(api, namespace, signal);
  if (space === undefined) return [];
  const found = await findAll(api, namespace, signal);
  const awake = [...found.values()].filter((each) => !sleeps(each));
  const asleep = new Map<string, SleepingWorkload>();
  // What another call has put to sleep already, without anybody having heard its answer perhaps.
  for (const each of remembered(space)) if (found.has(nameOf(each))) asleep.set(nameOf(each), each);
  for (const { workload } of awake) asleep.set(nameOf(workload), workload);
  const all = [...asleep.values()];
  if (awake.length > 0) await remember(api, space, all, signal);
  await Promise.all(
    awake.map((each) =>
      write(api, namespace, each, each.workload.kind === "CronJob" ? { suspend: true } : { replicas: 0 }, signal),
    ),
  );
  return all;
}

/** Scales everything back that sleeps still: what is given, and what the namespace remembers beside it. */
export async function wakeUp(
  api: KubernetesApi,
  namespace: string,
  given: readonly SleepingWorkload[],
  signal: AbortSignal,
): Promise<void> {
  const space = await readNamespace(api, namespace, signal);
  if (space === undefined) return;
  const known = remembered(space);
  const wanted = new Map([...given, ...known].map((each) => [nameOf(each), each]));
  if (wanted.size === 0) return;
  const found = await findAll(api, namespace, signal);
  await Promise.all(
    [...wanted].map(async ([name, { replicas = 1 }]) => {
      const here = found.get(name);
      if (here === undefined || !sleeps(here)) return;
      const spec = here.workload.kind === "CronJob" ? { suspend: false } : { replicas };
      await write(api, namespace, here, spec, signal);
    }),
  );
  // Last, so that a call that was interrupted is repeated with everything it needs.
  if (known.length > 0) await remember(api, space, [], signal);
}

/** What the namespace remembers of everything that was put to sleep in it and not woken. */
export async function sleeping(
  api: KubernetesApi,
  namespace: string,
  signal: AbortSignal,
): Promise<SleepingWorkload[]> {
  const space = await readNamespace(api, namespace, signal);
  return space === undefined ? [] : remembered(space);
}
