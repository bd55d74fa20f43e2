import { at, listOf, mapOf, textOf } from "../objects/read.ts";
import type { Command } from "../policy/command-grammar.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { Preview } from "../preview/preview.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { logAnswer, podsOf, statusAnswer } from "../report/answers.ts";
import { code } from "../report/escape.ts";
import type { ClusterView } from "../rollout/cluster-view.ts";

type Looking = { cluster: Pick<Cluster, "observe" | "logTail"> };

/** How the preview is, as an answer. */
export async function status(world: Looking, preview: Preview, signal: AbortSignal): Promise<string> {
  return statusAnswer(preview, await look(world, preview, signal));
}

/** The end of a service's log, as an answer; the main service's where none is named. */
export async function logs(
  world: Looking,
  preview: Preview,
  { service, previous }: Extract<Command, { name: "logs" }>,
  signal: AbortSignal,
): Promise<string> {
  const { namespace, urls } = preview.status;
  const view = await look(world, preview, signal);
  const name = service ?? urls?.[0]?.service;
  const pods = podsOf(view);
  if (namespace === undefined || pods.length === 0) return "Nothing of it runs now, so there is no log.";
  const pod = name === undefined ? pods[0] : podsOfService(view, name, pods).at(-1);
  const container = textOf(mapOf(listOf(at(pod, "spec", "containers"))[0])["name"]);
  if (pod === undefined || container === undefined) {
    const known = (view?.objects ?? []).filter(({ kind }) => kind === "Service").map(({ metadata }) => metadata.name);
    return `No pod belongs to ${code(name ?? "")}. There are: ${known.map((each) => code(each)).join(", ")}.`;
  }
  const log = await world.cluster.logTail(namespace, pod.metadata.name, container, previous, signal);
  return logAnswer(pod.metadata.name, container, previous, log);
}

/** Those that the service selects, or that the workload of that name made. */
function podsOfService(
  view: ClusterView | undefined,
  name: string,
  pods: readonly KubernetesObject[],
): KubernetesObject[] {
  const service = view?.objects.find(({ kind, metadata }) => kind === "Service" && metadata.name === name);
  const selector = Object.entries(mapOf(at(service, "spec", "selector")));
  const selected = pods.filter(
    ({ metadata }) => selector.length > 0 && selector.every(([key, value]) => metadata.labels?.[key] === value),
  );
  return selected.length > 0 ? selected : pods.filter(({ metadata }) => metadata.name.startsWith(`${name}-`));
}

async function look(world: Looking, preview: Preview, outer: AbortSignal): Promise<ClusterView | undefined> {
  const { namespace } = preview.status;
  if (namespace === undefined) return undefined;
  const ended = new AbortController();
  try {
    for await (const view of world.cluster.observe(namespace, AbortSignal.any([outer, ended.signal]))) return view;
    return undefined;
  } finally {
    ended.abort();
  }
}
