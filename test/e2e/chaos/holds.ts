import { waitFor } from "../../../infra/local/demo/wait-for.ts";
import { mergePatch } from "../../../src/adapters/kubernetes/api.ts";
import { at } from "../../../src/adapters/kubernetes/api-object.ts";
import { pathOf, resources } from "../../../src/adapters/kubernetes/resources.ts";
import { namespaceOf } from "../../../src/preview/names.ts";
import type { Actor, Ground, Push } from "./ground.ts";

/** Nothing in Kubernetes or Greenroom takes it off. */
export const finalizer = "example.com/hold";

/** Keeps a preview's namespace from going; the returned function lets it go. */
export async function hold({ api, record }: Ground, actor: Actor): Promise<() => Promise<void>> {
  const { name } = await record(actor, "being there", 5, () => true);
  const path = pathOf(resources.ConfigMap, namespaceOf(name));
  const signal = AbortSignal.timeout(120_000);
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "held", finalizers: [finalizer] } };
  await api.json({ method: "POST", path, body, signal });
  return async () => {
    const free = { metadata: { finalizers: null } };
    await api.json({ method: "PATCH", path: `${path}/held`, contentType: mergePatch, body: free, signal });
  };
}

/** Resolves with the preview's name when the pod of the hook of this commit's release runs. */
export async function hookRuns(ground: Ground, actor: Actor, { commit }: Push): Promise<string> {
  const { name } = await ground.record(actor, "deploying", 30, ({ status }) => {
    return status.phase === "Deploying" && status.observedCommit === commit;
  });
  const { Pod } = resources;
  return await waitFor("a running hook", 30, async () => {
    const path = pathOf(Pod, namespaceOf(name));
    const query = { labelSelector: "batch.kubernetes.io/job-name=prepare", fieldSelector: "status.phase=Running" };
    const list = await ground.api.json({ path, query, signal: AbortSignal.timeout(5_000) });
    const items = at(list, "items");
    return Array.isArray(items) && items.length > 0 ? name : undefined;
  });
}
