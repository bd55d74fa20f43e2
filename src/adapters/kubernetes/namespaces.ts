import { setTimeout as wait } from "node:timers/promises";
import type { KubernetesObject } from "../../objects/kubernetes-object.ts";
import { recordUidAnnotation } from "../../objects/our-names.ts";
import { FailureError } from "../../preview/failure.ts";
import { ApiError, isConflict, unlessMissing } from "./api-error.ts";
import { apiObject, at, text } from "./api-object.ts";
import { applyPatch } from "./api.ts";
import type { KubernetesApi } from "./api.ts";
import { namespacePath, pathOf, resourceOfKind, resources } from "./resources.ts";

/** Bound to the worker itself in each preview's namespace: it reads secrets there and nowhere else. */
const workerRole = "greenroom-preview-worker";
const fieldManager = "greenroom";
const pollMs = 200;
const terminatingMs = 60_000;
/** How long a fresh binding may take until the API server acts on it. */
const bindingMs = 10_000;

async function apply(api: KubernetesApi, path: string, object: KubernetesObject, signal: AbortSignal): Promise<void> {
  const query = { fieldManager, force: true };
  await api.json({ method: "PATCH", path, contentType: applyPatch, query, body: object, signal });
}

/** Creates the namespace or adopts the record's own one; waits for an earlier one of that name to be gone. */
async function ensureNamespace(
  api: KubernetesApi,
  namespace: string,
  recordUid: string,
  wanted: KubernetesObject | undefined,
  signal: AbortSignal,
): Promise<void> {
  const body: KubernetesObject = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      ...wanted?.metadata,
      name: namespace,
      annotations: { ...wanted?.metadata.annotations, [recordUidAnnotation]: recordUid },
    },
  };
  const deadline = Date.now() + terminatingMs;
  for (;;) {
    const answer = await unlessMissing(api.json({ path: namespacePath(namespace), signal }));
    if (answer === undefined) {
      try {
        await api.json({ method: "POST", path: namespacePath(), query: { fieldManager }, body, signal });
        return;
      } catch (thrown) {
        if (!isConflict(thrown)) throw thrown;
        continue;
      }
    }
    const { metadata } = apiObject(answer);
    if (metadata.deletionTimestamp === undefined) {
      const owner = metadata.annotations?.[recordUidAnnotation];
      if (owner !== recordUid) throw owner === undefined ? takenBy(namespace) : leftBehind(namespace);
      await apply(api, namespacePath(namespace), body, signal);
      return;
    }
    if (Date.now() > deadline) {
      throw new FailureError({
        kind: "transient",
        code: "namespace-terminating",
        what: `The namespace \`${namespace}\` of an earlier preview is still being deleted.`,
        remedy: "It is tried again by itself.",
      });
    }
    await wait(pollMs, undefined, { signal });
  }
}

/** Made for an earlier record by a worker that was stopped meanwhile; the sweep takes it away. */
function leftBehind(namespace: string): FailureError {
  return new FailureError({
    kind: "transient",
    code: "namespace-left-behind",
    what: `The namespace \`${namespace}\` is left of an earlier preview and is being taken away.`,
    remedy: "It is tried again by itself.",
  });
}

function takenBy(namespace: string): FailureError {
  return new FailureError({
    kind: "operator",
    code: "namespace-taken",
    what: `The namespace \`${namespace}\` exists already and does not belong to this preview.`,
    remedy: "Delete or rename that namespace; Greenroom never deploys into one that it did not make for the preview.",
  });
}

/** Lets the account that we are work in the namespace. */
async function bindWorker(api: KubernetesApi, namespace: string, signal: AbortSignal): Promise<void> {
  const review = await api.json({
    method: "POST",
    path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
    signal,
  });
  const user = text(at(review, "status", "userInfo", "username"));
  const { apiVersion, kind } = resources.RoleBinding;
  const apiGroup = "rbac.authorization.k8s.io";
  const body = {
    apiVersion,
    kind,
    metadata: { name: "greenroom-worker", namespace },
    roleRef: { apiGroup, kind: "ClusterRole", name: workerRole },
    subjects: [{ apiGroup, kind: "User", name: user }],
  };
  try {
    await api.json({ method: "POST", path: pathOf(resources.RoleBinding, namespace), body, signal });
  } catch (thrown) {
    if (!isConflict(thrown)) throw thrown;
  }
}

/** Applies an object of the kit, and again while the API server does not yet know that we may. */
async function applyWhenAllowed(api: KubernetesApi, namespace: string, object: KubernetesObject, signal: AbortSignal) {
  const resource = resourceOfKind(object.kind);
  if (resource === undefined) throw new Error(`the namespace kit has an object of unknown kind ${object.kind}`);
  const deadline = Date.now() + bindingMs;
  for (;;) {
    try {
      return await apply(api, pathOf(resource, namespace, object.metadata.name), object, signal);
    } catch (thrown) {
      // Kubernetes itself makes the default account at the same moment; the second try finds it.
      const early = thrown instanceof ApiError && (thrown.status === 403 || thrown.status === 409);
      if (!early || Date.now() > deadline) throw thrown;
      await wait(30, undefined, { signal });
    }
  }
}

/** The namespace with everything Greenroom puts into it before anything of the pull request's comes. */
export async function prepareNamespace(
  api: KubernetesApi,
  namespace: string,
  recordUid: string,
  kit: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<void> {
  const own = kit.find((object) => object.kind === "Namespace");
  await ensureNamespace(api, namespace, recordUid, own, signal);
  await bindWorker(api, namespace, signal);
  const rest = kit.filter((object) => object !== own);
  await Promise.all(rest.map((object) => applyWhenAllowed(api, namespace, object, signal)));
}
