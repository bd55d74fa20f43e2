import type { Failure } from "../preview/failure.ts";
import { mask } from "../report/mask.ts";
import type { ClusterView } from "../rollout/cluster-view.ts";
import { diagnose } from "../rollout/diagnose.ts";
import type { Suspect } from "../rollout/suspect.ts";
import type { World } from "./world.ts";

/** What is wrong with a suspect, with the end of its log, in which the given secrets are masked. */
export async function explain(
  world: World,
  namespace: string,
  suspect: Suspect,
  view: ClusterView,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<Failure> {
  const { log } = suspect;
  const tail =
    log === undefined ? "" : await world.cluster.logTail(namespace, log.pod, log.container, log.previous, signal);
  return diagnose(suspect, view, mask(tail, secrets));
}
