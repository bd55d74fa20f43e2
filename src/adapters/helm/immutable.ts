import { setTimeout as wait } from "node:timers/promises";
import type { KubernetesObject } from "../../objects/kubernetes-object.ts";
import { objectName } from "../../objects/kubernetes-object.ts";
import { FailureError } from "../../preview/failure.ts";
import { ApiError, unlessMissing } from "../kubernetes/api-error.ts";
import { apiObject, at } from "../kubernetes/api-object.ts";
import { applyPatch } from "../kubernetes/api.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import { pathOf, resourceOfKind } from "../kubernetes/resources.ts";

/** Kinds of which some fields cannot change, and that can be made anew without loss; or, for claims, not. */
const watchedKinds = new Set(["Deployment", "StatefulSet", "DaemonSet", "Job", "RoleBinding", "PersistentVolumeClaim"]);
const unchangeable = /field is immutable|updates to statefulset spec|is immutable after creation|cannot change roleRef/;
const pollMs = 50;

function pathTo(object: KubernetesObject, namespace: string): string | undefined {
  const resource = watchedKinds.has(object.kind) ? resourceOfKind(object.kind) : undefined;
  const same = resource !== undefined && resource.apiVersion === object.apiVersion;
  return same ? pathOf(resource, namespace, object.metadata.name) : undefined;
}

function isHook(object: KubernetesObject): boolean {
  return object.metadata.annotations?.["helm.sh/hook"] !== undefined;
}

/** Asks the API server what it would say to the change. Other refusals are Helm's to report. */
async function cannotChange(api: KubernetesApi, path: string, object: KubernetesObject, signal: AbortSignal) {
  const query = { fieldManager: "helm", force: true, dryRun: "All" };
  try {
    await api.json({ method: "PATCH", path, contentType: applyPatch, query, body: object, signal });
    return undefined;
  } catch (thrown) {
    const because = thrown instanceof ApiError && thrown.status === 422 && unchangeable.test(thrown.message);
    return because ? thrown.message : undefined;
  }
}

function claimFailure(object: KubernetesObject, evidence: string): FailureError {
  return new FailureError({
    kind: "user",
    code: "claim-changed",
    what: `\`${objectName(object)}\` changes in a way that Kubernetes does not allow for a volume that exists.`,
    remedy:
      "Undo the change or give the claim another name. `/preview rebuild --data` makes the preview anew, with empty volumes.",
    evidence,
  });
}

/** Deletes an object so that Helm makes it anew; returns the sentence that people are told. */
async function removeForNew(
  api: KubernetesApi,
  path: string,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<string> {
  const name = `\`${objectName(object)}\``;
  const current = await unlessMissing(api.json({ path, signal }));
  if (current === undefined) return `${name} was made anew.`;
  const { uid } = apiObject(current).metadata;
  const sameSelector =
    JSON.stringify(at(current, "spec", "selector")) === JSON.stringify(at(object, "spec", "selector"));
  // Pods that a set of the same selector leaves behind are taken over by the next one, one by one and with their claims.
  const keepPods = object.kind === "StatefulSet" && sameSelector;
  const body = { propagationPolicy: keepPods ? "Orphan" : "Background", preconditions: { uid } };
  await unlessMissing(api.json({ method: "DELETE", path, body, signal }));
  for (;;) {
    const left = await unlessMissing(api.json({ path, signal }));
    if (left === undefined || apiObject(left).metadata.uid !== uid) break;
    await wait(pollMs, undefined, { signal });
  }
  const because = "because a field of it cannot be changed in place";
  return object.kind === "StatefulSet"
    ? `${name} was made anew ${because}; its volumes and their data were kept.`
    : `${name} was made anew ${because}.`;
}

/**
 * Finds, before Helm begins, what it could not change, and deletes it so that Helm makes it anew: as the attempt's own
 * account, so that a superseded attempt deletes nothing. Returns what people should know.
 */
export async function makeWayForImmutable(
  api: KubernetesApi,
  namespace: string,
  objects: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<string[]> {
  const stuck = await Promise.all(
    objects.map(async (object) => {
      const path = isHook(object) ? undefined : pathTo(object, namespace);
      const why = path === undefined ? undefined : await cannotChange(api, path, object, signal);
      return path === undefined || why === undefined ? [] : [{ object, path, why }];
    }),
  );
  const claim = stuck.flat().find(({ object }) => object.kind === "PersistentVolumeClaim");
  if (claim !== undefined) throw claimFailure(claim.object, claim.why);
  return await Promise.all(stuck.flat().map(({ object, path }) => removeForNew(api, path, object, signal)));
}
