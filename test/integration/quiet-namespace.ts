import { waitFor } from "../../infra/local/demo/wait-for.ts";
import { isJson } from "../../src/adapters/kubernetes/api-object.ts";
import { namespacePath, pathOf, resources } from "../../src/adapters/kubernetes/resources.ts";
import type { KubernetesLab } from "./kubernetes-lab.ts";

/** A namespace in which worker and gateway have the same rights as in Greenroom's own, and that no worker watches. */
export async function quietNamespace(
  { admin, worker, namespace }: KubernetesLab,
  purpose: string,
  signal: AbortSignal,
): Promise<string> {
  const name = `preview-contract-${purpose}-${process.pid}`;
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  await admin.json({ method: "POST", path: namespacePath(), body, signal });
  for (const account of ["greenroom-worker", "greenroom-gateway"]) {
    for (const of of [resources.Role, resources.RoleBinding]) {
      const own = await admin.json({ path: pathOf(of, namespace, account), signal });
      const copy = { ...(isJson(own) ? own : {}), metadata: { name: account, namespace: name } };
      await admin.json({ method: "POST", path: pathOf(of, name), body: copy, signal });
    }
  }
  const previews = `/apis/greenroom.dev/v1alpha1/namespaces/${name}/previews`;
  await waitFor("the worker's rights there", 10, () => worker.json({ path: previews, signal }));
  return name;
}
