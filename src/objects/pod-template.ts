import type { KubernetesObject } from "./kubernetes-object.ts";
import { at, isMap, type Json, listOf, textOf } from "./read.ts";

/** Where each kind keeps the pod that it makes; empty for a Pod itself. */
const templatePaths: Record<string, readonly string[]> = {
  "v1/Pod": [],
  "apps/v1/Deployment": ["spec", "template"],
  "apps/v1/StatefulSet": ["spec", "template"],
  "apps/v1/DaemonSet": ["spec", "template"],
  "apps/v1/ReplicaSet": ["spec", "template"],
  "batch/v1/Job": ["spec", "template"],
  "batch/v1/CronJob": ["spec", "jobTemplate", "spec", "template"],
};

/** The pod that an object makes. Both parts belong to the object: changing them changes it. */
export type PodTemplate = {
  /** Path of the pod's spec in the object, e.g. `spec.template.spec`. */
  path: string;
  /** The object that holds `metadata` and `spec` of the pod. */
  holder: Json;
  spec: Json;
};

/** The pod template of a workload, or the Pod itself; undefined for everything else. */
export function podTemplate(object: KubernetesObject): PodTemplate | undefined {
  const kind = `${object.apiVersion}/${object.kind}`;
  const path = Object.hasOwn(templatePaths, kind) ? templatePaths[kind] : undefined;
  if (path === undefined) return undefined;
  const holder = at(object, ...path);
  const spec = at(holder, "spec");
  if (!isMap(holder) || !isMap(spec)) return undefined;
  return { path: [...path, "spec"].join("."), holder, spec };
}

export type Container = { path: string; name: string; container: Json; init: boolean };

/** Containers and init containers of a pod, in the order they start. */
export function containersOf(template: Pick<PodTemplate, "path" | "spec">): Container[] {
  return (["initContainers", "containers"] as const).flatMap((field) =>
    listOf(template.spec[field]).flatMap((container, index) => {
      if (!isMap(container)) return [];
      const name = textOf(container.name) ?? String(index);
      return [{ path: `${template.path}.${field}[${name}]`, name, container, init: field === "initContainers" }];
    }),
  );
}
