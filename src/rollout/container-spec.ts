import { containersOf, podTemplate } from "../objects/pod-template.ts";
import type { Json } from "../objects/read.ts";
import type { ClusterView } from "./cluster-view.ts";
import { find } from "./workloads.ts";

/** A container as the pod template of an object, `Deployment/api`, describes it. */
export function containerSpec(object: string, container: string | undefined, view: ClusterView): Json | undefined {
  const [kind = "", name = ""] = object.split("/");
  const live = find(view, kind, name);
  const template = live === undefined ? undefined : podTemplate(live);
  return template && containersOf(template).find((each) => each.name === container)?.container;
}
