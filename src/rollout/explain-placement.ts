import { listOf, mapOf, numberOf, textOf } from "../objects/read.ts";
import { enumerate, quote } from "../objects/words.ts";
import type { Explanation, Scene } from "./explanation.ts";
import { find } from "./workloads.ts";

/** A pod for which there is no node: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match …`. */
export function unschedulable({ message }: { message: string }, { subject, suspect, view }: Scene): Explanation {
  const pod = suspect.pod === undefined ? undefined : find(view, "Pod", suspect.pod);
  const spec = mapOf(pod?.spec);
  const lacking = [...new Set([...message.matchAll(/Insufficient ([\w./-]*\w)/g)].map(([, what = ""]) => what))];
  const base = { code: "unschedulable", evidence: message };
  if (lacking.length > 0) {
    const requests = listOf(spec.containers).map((container) => mapOf(mapOf(mapOf(container).resources).requests));
    const asked = lacking.map((resource) => {
      const amounts = requests.flatMap(
        (request) => textOf(request[resource]) ?? numberOf(request[resource])?.toString() ?? [],
      );
      return amounts.length === 0
        ? quote(resource)
        : `${quote(resource)} (it asks for ${enumerate(amounts.map(quote))})`;
    });
    return {
      ...base,
      what: `No node has room for a pod of ${subject}: not enough ${enumerate(asked)}.`,
      remedy:
        "Ask for less under `resources.requests`, or wait until other previews are gone. The operator can add nodes.",
    };
  }
  if (/node affinity\/selector|node selector|node affinity/i.test(message)) {
    const selector = Object.entries(mapOf(spec.nodeSelector)).map(([key, value]) => quote(`${key}=${String(value)}`));
    const wanted =
      selector.length === 0 ? "what its `affinity` asks for" : `the label ${enumerate(selector)}, which it selects`;
    return {
      ...base,
      what: `No node fits a pod of ${subject}: none has ${wanted}.`,
      remedy: "Leave `nodeSelector` and `affinity` out in previews, or select labels that the cluster's nodes have.",
    };
  }
  if (/affinity rules|topology spread/i.test(message)) {
    return {
      ...base,
      what: `No node fits a pod of ${subject}, because it may not share one with the pods that are there.`,
      remedy: "Run one replica in previews, or make the rule `preferred…` and `whenUnsatisfiable: ScheduleAnyway`.",
    };
  }
  if (/Too many pods/i.test(message)) {
    return {
      ...base,
      kind: "operator",
      what: `No node has room for a pod of ${subject}: each has as many pods as it may.`,
      remedy: "Run fewer replicas, or wait until other previews are gone. The operator can add nodes.",
    };
  }
  return {
    ...base,
    kind: "operator",
    what: `No node takes a pod of ${subject}.`,
    remedy: "The message says why; the operator knows the nodes.",
  };
}
