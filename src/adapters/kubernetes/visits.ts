import { previewApi } from "../../preview/preview.ts";
import type { Visits } from "../../ports/visits.ts";
import { ApiError, during, isNotFound } from "./api-error.ts";
import type { KubernetesApi } from "./api.ts";

const jsonPatch = "application/json-patch+json";

/** One field of the record's status, whatever else is written there: workers read again what they then write. */
export function createVisits(api: KubernetesApi, namespace: string): Visits {
  const collection = `/apis/${previewApi.group}/${previewApi.version}/namespaces/${namespace}/${previewApi.plural}`;
  return {
    record: ({ name, uid }, at, signal) =>
      during("writing down a visit", async () => {
        const path = `${collection}/${encodeURIComponent(name)}/status`;
        // A merge patch of a status does not look at the uid that is given with it.
        const body = [
          { op: "test", path: "/metadata/uid", value: uid },
          { op: "add", path: "/status/lastVisitAt", value: at.toISOString() },
        ];
        try {
          await api.json({ method: "PATCH", path, contentType: jsonPatch, body, signal });
        } catch (thrown) {
          const another = thrown instanceof ApiError && thrown.status === 422;
          if (!another && !isNotFound(thrown)) throw thrown;
        }
      }),
  };
}
