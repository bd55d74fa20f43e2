import { previewApi } from "../../preview/preview.ts";
import type { Visits } from "../../ports/visits.ts";
import { during, isConflict, isNotFound } from "./api-error.ts";
import { mergePatch } from "./api.ts";
import type { KubernetesApi } from "./api.ts";

/** One field of the record's status, without a precondition: workers read again what they then write. */
export function createVisits(api: KubernetesApi, namespace: string): Visits {
  const collection = `/apis/${previewApi.group}/${previewApi.version}/namespaces/${namespace}/${previewApi.plural}`;
  return {
    record: ({ name, uid }, at, signal) =>
      during("writing down a visit", async () => {
        const path = `${collection}/${encodeURIComponent(name)}/status`;
        const body = { metadata: { uid }, status: { lastVisitAt: at.toISOString() } };
        try {
          await api.json({ method: "PATCH", path, contentType: mergePatch, body, signal });
        } catch (thrown) {
          if (!isNotFound(thrown) && !isConflict(thrown)) throw thrown;
        }
      }),
  };
}
