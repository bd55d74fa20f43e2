import { setTimeout as wait } from "node:timers/promises";
import { FailureError } from "../../preview/failure.ts";
import { at } from "./api-object.ts";
import type { KubernetesApi } from "./api.ts";

const pollMs = 30;
const deadlineMs = 20_000;

/** Whether the API server lets the user deploy into a namespace right now. */
export async function mayDeploy(
  api: KubernetesApi,
  user: string,
  namespace: string,
  signal: AbortSignal,
): Promise<boolean> {
  return await isAllowed(api, user, { namespace, verb: "patch", group: "apps", resource: "deployments" }, signal);
}

/** Whether the API server lets the user do something right now. */
export async function isAllowed(
  api: KubernetesApi,
  user: string,
  resourceAttributes: { verb: string; group: string; resource: string; subresource?: string; namespace?: string },
  signal: AbortSignal,
): Promise<boolean> {
  const answer = await api.json({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user, groups: ["system:serviceaccounts", "system:authenticated"], resourceAttributes },
    },
    signal,
  });
  return at(answer, "status", "allowed") === true;
}

/**
 * Waits until the API server's own view of its rules has caught up: they are kept in a cache that follows a written
 * binding some milliseconds later.
 */
export async function untilMayDeploy(
  api: KubernetesApi,
  user: string,
  namespace: string,
  allowed: boolean,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while ((await mayDeploy(api, user, namespace, signal)) !== allowed) {
    if (Date.now() > deadline) {
      throw new FailureError({
        kind: "operator",
        code: allowed ? "deployer-not-allowed" : "deployer-still-allowed",
        what: allowed
          ? `The account \`${user}\` may not deploy into \`${namespace}\` although it is bound there.`
          : `The account \`${user}\` of an earlier attempt may still deploy into \`${namespace}\` although its binding is deleted.`,
        remedy: allowed
          ? "Look whether the ClusterRole `greenroom-deployer` of charts/greenroom is installed."
          : "Look for other bindings of that account, or of all service accounts, and delete them.",
      });
    }
    await wait(pollMs, undefined, { signal });
  }
}
