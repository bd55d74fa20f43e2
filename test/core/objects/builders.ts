import { asObject } from "../../../src/objects/flatten.ts";
import type { SourcedObject } from "../../../src/objects/kubernetes-object.ts";
import { podTemplate } from "../../../src/objects/pod-template.ts";
import type { Json } from "../../../src/objects/read.ts";

/** Objects as charts make them, for tests of this folder. */
export function sourced(object: Json, file = "chart/templates/a.yaml"): SourcedObject {
  return { object: asObject(object), file };
}

export function pod(spec: Json, name = "web"): SourcedObject {
  return sourced({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec });
}

/** A workload of any kind around a pod's spec. */
export function workload(kind: string, spec: Json, name = "web", metadata: Json = {}): SourcedObject {
  const template = { metadata: { labels: { app: name } }, spec };
  const specs: Record<string, Json> = {
    Pod: spec,
    CronJob: { schedule: "0 * * * *", jobTemplate: { spec: { template } } },
    Job: { template },
  };
  const apiVersions: Record<string, string> = { Pod: "v1", Job: "batch/v1", CronJob: "batch/v1" };
  return sourced({
    apiVersion: apiVersions[kind] ?? "apps/v1",
    kind,
    metadata: { name, ...metadata },
    spec: specs[kind] ?? { selector: { matchLabels: { app: name } }, template },
  });
}

export const workloadKinds = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"];

/** The pod's spec of a workload. */
export function podSpecOf(sourcedObject: SourcedObject | undefined): Json {
  const template = sourcedObject && podTemplate(sourcedObject.object);
  if (template === undefined) throw new Error("no pod template");
  return template.spec;
}
