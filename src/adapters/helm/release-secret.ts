import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import type { ReleaseState } from "../../ports/releases.ts";
import { isConflict, isNotFound, unlessMissing } from "../kubernetes/api-error.ts";
import { apiList, apiObject, at, text } from "../kubernetes/api-object.ts";
import type { ApiObject } from "../kubernetes/api-object.ts";
import { mergePatch } from "../kubernetes/api.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import { pathOf, resources } from "../kubernetes/resources.ts";

const metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

const status = z.enum([
  "deployed",
  "failed",
  "pending-install",
  "pending-upgrade",
  "pending-rollback",
  "superseded",
  "uninstalling",
]);

/** What Helm wrote about one revision; everything else in it is kept as it is. */
const storedRelease = z.looseObject({
  info: z.looseObject({ status: z.string(), description: z.string().optional() }),
});
export type StoredRelease = z.infer<typeof storedRelease>;

/** Helm keeps a release as base64 of gzip of JSON, and the Secret's own base64 comes on top. */
export function decodeRelease(data: string): StoredRelease {
  const body = Buffer.from(Buffer.from(data, "base64").toString("latin1"), "base64");
  return storedRelease.parse(JSON.parse(gunzipSync(body).toString("utf8")));
}

export function encodeRelease(release: StoredRelease): string {
  const body = gzipSync(JSON.stringify(release)).toString("base64");
  return Buffer.from(body, "latin1").toString("base64");
}

function stateOf(secret: ApiObject): ReleaseState {
  const labels = secret.metadata.labels ?? {};
  const word = status.safeParse(labels["status"]);
  return { revision: Number(labels["version"]), status: word.success ? word.data : "unknown" };
}

const contents = z.looseObject({
  manifest: z.string(),
  hooks: z.array(z.looseObject({ manifest: z.string() })).nullish(),
});

/** What one revision was made of: YAML of its objects and its hooks. */
export async function storedManifest(
  api: KubernetesApi,
  namespace: string,
  release: string,
  revision: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = pathOf(resources.Secret, namespace, `sh.helm.release.v1.${release}.v${revision}`);
  const secret = await unlessMissing(api.json({ path, signal }));
  if (secret === undefined) return undefined;
  const { manifest, hooks } = contents.parse(decodeRelease(text(at(apiObject(secret), "data", "release"))));
  return [manifest, ...(hooks ?? []).map((hook) => hook.manifest)].join("\n---\n");
}

/** The newest revision of a release, without its contents. */
export async function newestRevision(
  api: KubernetesApi,
  namespace: string,
  release: string,
  signal: AbortSignal,
): Promise<{ secret: string; state: ReleaseState } | undefined> {
  const query = { labelSelector: `owner=helm,name=${release}` };
  const answer = await api.json({ path: pathOf(resources.Secret, namespace), query, accept: metadataOnly, signal });
  const newest = apiList(answer, "v1", "Secret")
    .items.map((item) => ({ secret: item.metadata.name, state: stateOf(item) }))
    .toSorted((a, b) => b.state.revision - a.state.revision);
  return newest[0];
}

/**
 * Ends a revision that its Helm left pending: body and label become failed, so that the next Helm goes on from it and
 * the history stays. A revision that changed meanwhile, or is not pending, is left alone.
 */
export async function repairPending(
  api: KubernetesApi,
  namespace: string,
  secret: string,
  signal: AbortSignal,
): Promise<void> {
  const path = pathOf(resources.Secret, namespace, secret);
  for (;;) {
    try {
      const object = apiObject(await api.json({ path, signal }));
      const release = decodeRelease(text(at(object, "data", "release")));
      if (!release.info.status.startsWith("pending-")) return;
      const description = `interrupted while ${release.info.status}`;
      const repaired = { ...release, info: { ...release.info, status: "failed", description } };
      const { resourceVersion } = object.metadata;
      const body = {
        metadata: { resourceVersion, labels: { status: "failed" } },
        data: { release: encodeRelease(repaired) },
      };
      await api.json({ method: "PATCH", path, contentType: mergePatch, body, signal });
      return;
    } catch (thrown) {
      if (isNotFound(thrown)) return;
      if (!isConflict(thrown)) throw thrown;
    }
  }
}
