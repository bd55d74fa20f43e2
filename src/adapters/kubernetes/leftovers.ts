import { labels, recordUidAnnotation } from "../../objects/our-names.ts";
import type { Leftover, Leftovers } from "../../ports/leftovers.ts";
import { namespaceOf } from "../../preview/names.ts";
import { previewApi } from "../../preview/preview.ts";
import { during } from "./api-error.ts";
import { apiList } from "./api-object.ts";
import type { KubernetesApi } from "./api.ts";
import { previewNamespaceLabel } from "./deployer.ts";
import { namespacePath, pathOf, resources } from "./resources.ts";

export type LeftoversOptions = {
  /** Namespace of the records. */
  namespace: string;
  /** Namespace of the attempts' accounts. */
  deployersNamespace: string;
};

/** Names and annotations are all that is asked for, of thousands of objects. */
const metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** What is in the cluster without a record: one list of each kind, straight from the API server. */
export function createLeftovers(api: KubernetesApi, options: LeftoversOptions): Leftovers {
  const list = async (path: string, labelSelector: string | undefined, signal: AbortSignal) => {
    const query = labelSelector === undefined ? {} : { labelSelector };
    const answer = await api.json({ path, query, accept: metadataOnly, signal });
    return apiList(answer, "meta.k8s.io/v1", "PartialObjectMetadata").items.map(({ metadata }) => metadata);
  };
  const { group, version, plural } = previewApi;
  const records = `/apis/${group}/${version}/namespaces/${encodeURIComponent(options.namespace)}/${plural}`;
  const accounts = pathOf(resources.ServiceAccount, options.deployersNamespace);

  return {
    list: (signal) =>
      during("looking for what records left behind", async () => {
        const [namespaces, deployers] = await Promise.all([
          list(namespacePath(), labels.preview, signal),
          list(accounts, previewNamespaceLabel, signal),
        ]);
        // After the others, so that whatever was made for a record that lives is known by it.
        const living = await list(records, undefined, signal);
        const uids = new Set(living.map(({ uid }) => uid));
        const named = new Set(living.map(({ name }) => namespaceOf(name)));
        const existing = new Set(namespaces.map(({ name }) => name));
        const deployedInto = new Set(deployers.map((account) => account.labels?.[previewNamespaceLabel] ?? ""));
        return [
          ...namespaces
            .filter(({ deletionTimestamp }) => deletionTimestamp === undefined)
            .map(({ name, annotations }) => ({ namespace: name, recordUid: annotations?.[recordUidAnnotation] }))
            .filter(({ recordUid }) => recordUid === undefined || !uids.has(recordUid))
            .map((each): Leftover => ({ ...each, kind: "namespace" })),
          ...[...deployedInto]
            .filter((namespace) => !existing.has(namespace) && !named.has(namespace))
            .map((namespace): Leftover => ({ namespace, recordUid: undefined, kind: "accounts" })),
        ];
      }),
  };
}
