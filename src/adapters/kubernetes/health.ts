import { labels } from "../../objects/our-names.ts";
import type { Health, PodNews, PodsLook } from "../../ports/health.ts";
import { type ApiObject, at, isJson, text } from "./api-object.ts";
import type { KubernetesApi } from "./api.ts";
import { follow } from "./follow.ts";

const pods = { path: "/api/v1/pods", query: { labelSelector: labels.preview }, apiVersion: "v1", kind: "Pod" };

/** One watch of all pods of all previews. */
export function createHealth(api: KubernetesApi): Health {
  return {
    async *news(signal) {
      let present: ReadonlyMap<string, ApiObject> | undefined;
      const seen = new Map<string, { pod: ApiObject; state: string }>();
      let changed = new Set<string>();
      let isNew = false;
      let failed: { thrown: unknown } | undefined;
      let wake: (() => void) | undefined;

      const look = (now: ReadonlyMap<string, ApiObject>): void => {
        const isFirst = present === undefined;
        present = now;
        for (const [id, pod] of now) {
          const before = seen.get(id);
          // Of thousands one changes at a time.
          if (before?.pod === pod) continue;
          const state = stateOf(pod);
          seen.set(id, { pod, state });
          if (before?.state !== state && !isFirst) changed.add(previewOf(pod));
        }
        if (seen.size > now.size) {
          for (const [id, { pod }] of seen) {
            if (now.has(id)) continue;
            seen.delete(id);
            changed.add(previewOf(pod));
          }
        }
        isNew ||= isFirst || changed.size > 0;
        if (isNew) wake?.();
      };
      const following = follow(api, pods, look, signal).catch((thrown: unknown) => {
        failed = { thrown };
        wake?.();
      });
      const stop = () => wake?.();
      signal.addEventListener("abort", stop, { once: true });
      try {
        while (!signal.aborted) {
          if (failed !== undefined) throw failed.thrown;
          if (!isNew || present === undefined) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          const news: PodNews = { changed, looks: looksOf(present) };
          changed = new Set();
          isNew = false;
          yield news;
        }
      } finally {
        signal.removeEventListener("abort", stop);
        if (signal.aborted) await following;
      }
    },
  };
}

function previewOf(pod: ApiObject): string {
  return pod.metadata.labels?.[labels.preview] ?? "";
}

function looksOf(present: ReadonlyMap<string, ApiObject>): Map<string, PodsLook> {
  const looks = new Map<string, PodsLook>();
  for (const pod of present.values()) {
    if (!isMeantToRun(pod)) continue;
    const preview = previewOf(pod);
    if (looks.get(preview) !== "ill") looks.set(preview, isReady(pod) ? "well" : "ill");
  }
  return looks;
}

/** What has ended does not come back by itself, and a Job's pod is ready for nobody. */
function isMeantToRun(pod: ApiObject): boolean {
  const { deletionTimestamp, ownerReferences = [] } = pod.metadata;
  if (deletionTimestamp !== undefined || ownerReferences.some(({ kind }) => kind === "Job")) return false;
  return !["Succeeded", "Failed"].includes(text(at(pod, "status", "phase")));
}

function isReady(pod: ApiObject): boolean {
  const conditions = at(pod, "status", "conditions");
  if (!Array.isArray(conditions)) return false;
  return conditions.some((each) => isJson(each) && each["type"] === "Ready" && each["status"] === "True");
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
  return JSON.stringify([isReady(pod), text(at(pod, "status", "phase")), states]);
}
