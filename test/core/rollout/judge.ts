import type { KubernetesObject } from "../../../src/objects/kubernetes-object.ts";
import type { ClusterView } from "../../../src/rollout/cluster-view.ts";
import { type Assessment, assess } from "../../../src/rollout/readiness.ts";
import { at, object } from "./cluster.ts";

export const web = object("apps/v1", "Deployment", "web");
export const ready = { state: "ready" };

/** The assessment of a rollout that began at 0 and has 300 seconds. */
export function judge(cluster: ClusterView, seconds = 20, wanted: KubernetesObject[] = [web]): Assessment {
  return assess(wanted, cluster, { startedAt: at(0), now: at(seconds), deadline: at(300) });
}
