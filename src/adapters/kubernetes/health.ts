import { labels } from "../../objects/our-names.ts";
import type { Health } from "../../ports/health.ts";
import { type ApiObject, at, isJson, text } from "./api-object.ts";
import type { KubernetesApi } from "./api.ts";
import { follow } from "./follow.ts";

/** A little longer than a container has to run again until it counts as well. */
const settleMs = 65_000;

/** One watch of all pods of all previews. */
export function createHealth(api: KubernetesApi): Health {
  return {
    async *changes(signal) {
      const seen = new Map<string, { record: string; state: string }>();
      const due = new Set<string>();
      const timers = new Map<string, NodeJS.Timeout>();
      let wake: (() => void) | undefined;
      let failed: { thrown: unknown } | undefined;

      const tell = (record: string): void => {
        due.add(record);
        wake?.();
        clearTimeout(timers.get(record));
        const later = setTimeout(() => {
          timers.delete(record);
          due.add(record);
          wake?.();
        }, settleMs);
        timers.set(record, later.unref());
      };
      const look = (pods: ReadonlyMap<string, ApiObject>): void => {
        for (const [id, pod] of pods) {
          const record = pod.metadata.labels?.[labels.preview] ?? "";
          const state = stateOf(pod);
          if (seen.get(id)?.state === state) continue;
          seen.set(id, { record, state });
          tell(record);
        }
        for (const [id, { record }] of seen) {
          if (pods.has(id)) continue;
          seen.delete(id);
          tell(record);
        }
      };
      const collection = {
        path: "/api/v1/pods",
        query: { labelSelector: labels.preview },
        apiVersion: "v1",
        kind: "Pod",
      };
      const following = follow(api, collection, look, signal).catch((thrown: unknown) => {
        failed = { thrown };
        wake?.();
      });
      const stop = () => wake?.();
      signal.addEventListener("abort", stop, { once: true });
      try {
        while (!signal.aborted) {
          if (failed !== undefined) throw failed.thrown;
          const [record] = due;
          if (record === undefined) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          due.delete(record);
          yield record;
        }
      } finally {
        signal.removeEventListener("abort", stop);
        for (const timer of timers.values()) clearTimeout(timer);
        if (signal.aborted) await following;
      }
    },
  };
}

/** What of a pod's status says something about its health. */
function stateOf(pod: ApiObject): string {
  const containers = at(pod, "status", "containerStatuses");
  const states = Array.isArray(containers)
    ? containers
        .filter(isJson)
        .map((status) => [
          status["ready"],
          status["restartCount"],
          text(at(status, "state", "waiting", "reason")),
          text(at(status, "state", "terminated", "reason")),
        ])
    : [];
  return JSON.stringify([text(at(pod, "status", "phase")), states]);
}
