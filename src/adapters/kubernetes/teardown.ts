import { setTimeout as wait } from "node:timers/promises";
import { recordUidAnnotation } from "../../objects/our-names.ts";
import { FailureError } from "../../preview/failure.ts";
import { isNotFound, unlessMissing } from "./api-error.ts";
import { apiObject, at, isJson, text, texts } from "./api-object.ts";
import type { ApiObject } from "./api-object.ts";
import type { KubernetesApi } from "./api.ts";
import { listAll } from "./follow.ts";
import { namespacePath, pathOf, resources } from "./resources.ts";

/** What makes pods anew. Deleted as orphaning, so that the garbage collector does not delete pods with their own grace. */
const controllers = [
  resources.Deployment,
  resources.StatefulSet,
  resources.DaemonSet,
  resources.CronJob,
  resources.Job,
  resources.ReplicaSet,
  resources.ReplicationController,
];
const podGraceSeconds = 1;
const pollMs = 250;
/** How long something may hold a namespace without a pod before it is called stuck. */
const patienceMs = 15_000;
/** The same where it has been on its way out for long already: somebody asks again, and knows what to expect. */
const knownPatienceMs = 2_000;
const longMs = 60_000;
/** How long one call waits in all, whatever holds the namespace: whoever called has others to serve. */
const mostMs = 60_000;
/** Finalizers that Kubernetes itself takes off in time. */
const kubernetesFinalizers =
  /^(kubernetes(\.io\/.*)?|orphan|foregroundDeletion|.*\.kubernetes\.io\/.*|.*\.k8s\.io\/.*)$/;

async function deleteAll(api: KubernetesApi, path: string, options: object, signal: AbortSignal): Promise<void> {
  await unlessMissing(
    api.json({ method: "DELETE", path, body: { apiVersion: "v1", kind: "DeleteOptions", ...options }, signal }),
  );
}

/** What still holds a namespace that is being deleted, in the namespace controller's words. */
function holders(namespace: ApiObject): string | undefined {
  const own = [...(namespace.metadata.finalizers ?? []), ...texts(at(namespace, "spec", "finalizers"))];
  const foreign = own.filter((each) => !kubernetesFinalizers.test(each));
  if (foreign.length > 0) return `the namespace has the finalizer ${foreign.map((each) => `\`${each}\``).join(", ")}`;
  const conditions = at(namespace, "status", "conditions");
  const remaining = (Array.isArray(conditions) ? conditions : [])
    .filter(isJson)
    .filter((each) => each["status"] === "True" && text(each["type"]) !== "NamespaceContentRemaining")
    .map((each) => text(each["message"]))
    .filter((message) => message !== "");
  return remaining.length > 0 ? remaining.join(" ") : undefined;
}

async function allPodsLeaving(api: KubernetesApi, namespace: string, signal: AbortSignal): Promise<number> {
  const { Pod } = resources;
  const { items } = await listAll(
    api,
    { path: pathOf(Pod, namespace), apiVersion: Pod.apiVersion, kind: Pod.kind },
    signal,
  );
  const slow = items.some((pod) => {
    const grace = pod.metadata["deletionGracePeriodSeconds"];
    return typeof grace !== "number" || grace > podGraceSeconds;
  });
  if (slow) await deleteAll(api, pathOf(Pod, namespace), { gracePeriodSeconds: podGraceSeconds }, signal);
  return items.length;
}

async function readNamespace(
  api: KubernetesApi,
  namespace: string,
  signal: AbortSignal,
): Promise<ApiObject | undefined> {
  const answer = await unlessMissing(api.json({ path: namespacePath(namespace), signal }));
  return answer === undefined ? undefined : apiObject(answer);
}

/** Whether a namespace of that name stands there that is not the record's: then nothing of the record's is in it. */
export async function isForeign(
  api: KubernetesApi,
  namespace: string,
  recordUid: string,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await readNamespace(api, namespace, signal);
  return found !== undefined && found.metadata.annotations?.[recordUidAnnotation] !== recordUid;
}

/**
 * Deletes a preview's namespace with all that is in it and resolves when it is gone. Kubernetes' own way waits for
 * each pod's full grace and then for a retry of its own; here everything is asked for at once and again.
 */
export async function tearDown(api: KubernetesApi, namespace: string, signal: AbortSignal): Promise<void> {
  const found = await readNamespace(api, namespace, signal);
  if (found === undefined) return;
  const { uid } = found.metadata;

  // Its deletion first: from then on nothing is made in it any more, and the wait begins that Kubernetes' namespace
  // controller keeps (5 s) before it looks into it. What it finds then costs a further round of waiting.
  await deleteAll(api, namespacePath(namespace), { preconditions: { uid } }, signal);
  await Promise.all([
    ...controllers.map((each) => deleteAll(api, pathOf(each, namespace), { propagationPolicy: "Orphan" }, signal)),
    deleteAll(api, pathOf(resources.Pod, namespace), { gracePeriodSeconds: podGraceSeconds }, signal),
    deleteAll(api, pathOf(resources.PersistentVolumeClaim, namespace), {}, signal),
  ]);

  const startedAt = Date.now();
  const deletedAt = Date.parse(found.metadata.deletionTimestamp ?? "");
  const patience = startedAt - deletedAt > longMs ? knownPatienceMs : patienceMs;
  let heldSince: number | undefined;
  for (;;) {
    const current = await readNamespace(api, namespace, signal);
    if (current === undefined || current.metadata.uid !== uid) return;
    const pods = await allPodsLeaving(api, namespace, signal).catch((thrown: unknown) => {
      if (isNotFound(thrown)) return 0;
      throw thrown;
    });
    if (pods > 0) heldSince = undefined;
    else heldSince ??= Date.now();
    const holding = holders(current);
    if (holding !== undefined && heldSince !== undefined && Date.now() - heldSince > patience) {
      throw new FailureError({
        kind: "operator",
        code: "namespace-held",
        what: `The namespace \`${namespace}\` cannot be deleted: ${holding}`,
        remedy: "Let whatever set the finalizer finish, or take it off by hand; Greenroom goes on by itself then.",
      });
    }
    if (Date.now() - startedAt > mostMs) throw notGone(namespace, pods);
    await wait(pollMs, undefined, { signal });
  }
}

function notGone(namespace: string, pods: number): FailureError {
  const still = pods === 1 ? "1 pod has not ended" : `${pods} pods have not ended`;
  return new FailureError({
    kind: "transient",
    code: "namespace-lingers",
    what: `The namespace \`${namespace}\` is still being deleted${pods === 0 ? "" : `: ${still}`}.`,
    remedy: "It is asked for again by itself. If it stays, see whether the nodes of its pods answer.",
  });
}
