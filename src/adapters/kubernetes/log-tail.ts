import { mask, secretValues } from "../../report/mask.ts";
import { apiList } from "./api-object.ts";
import { ApiError, asFailure } from "./api-error.ts";
import type { KubernetesApi } from "./api.ts";
import { pathOf, resources } from "./resources.ts";

const tailLines = 40;
const tailBytes = 64 * 1024;
/** A quota holds a preview to fewer; Helm's own are left out. */
const mostSecrets = 200;

/** One container of a pod; `previous`: what ran in it before the last restart. */
export type LoggedContainer = { namespace: string; pod: string; container: string; previous: boolean };

/**
 * The last lines of a container, without the values of the namespace's Secrets: whoever may read the pull request may
 * read what becomes of this.
 */
export async function readLogTail(
  api: KubernetesApi,
  { namespace, pod, container, previous }: LoggedContainer,
  signal: AbortSignal,
): Promise<string> {
  const path = `${pathOf(resources.Pod, namespace, pod)}/log`;
  try {
    const [log, secrets] = await Promise.all([
      api.text({ path, query: { container, previous, tailLines, limitBytes: tailBytes }, signal }),
      valuesOfSecrets(api, namespace, signal),
    ]);
    return mask(log, secrets);
  } catch (thrown) {
    // Not started yet, or no earlier run: there is nothing to read.
    if (thrown instanceof ApiError && (thrown.status === 400 || thrown.status === 404)) return "";
    throw asFailure(thrown, "reading a log");
  }
}

async function valuesOfSecrets(api: KubernetesApi, namespace: string, signal: AbortSignal): Promise<string[]> {
  const query = { fieldSelector: "type!=helm.sh/release.v1", limit: mostSecrets };
  const answer = await api.json({ path: pathOf(resources.Secret, namespace), query, signal });
  return secretValues(apiList(answer, "v1", "Secret").items);
}
