import { type KubernetesObject, objectName } from "../objects/kubernetes-object.ts";
import { podTemplate } from "../objects/pod-template.ts";
import { at, listOf, mapOf, numberOf } from "../objects/read.ts";
import { enumerate, nearest, quote } from "../objects/words.ts";
import type { Failure } from "../preview/failure.ts";
import type { Exposed } from "../preview/urls.ts";

/** Why one of the exposed services could never answer, before anything is deployed; undefined where all can. */
export function missingService(objects: readonly KubernetesObject[], exposed: readonly Exposed[]): Failure | undefined {
  for (const each of exposed) {
    const failure = unreachable(objects, each);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function unreachable(objects: readonly KubernetesObject[], { name, service, port }: Exposed): Failure | undefined {
  const services = objects.filter(({ kind, apiVersion }) => kind === "Service" && apiVersion === "v1");
  const names = services.map((object) => object.metadata.name);
  const found = services.find((object) => object.metadata.name === service);
  if (found === undefined) {
    const meant = nearest(service, names);
    const there =
      names.length === 0
        ? "The objects have no Service at all."
        : `There ${names.length === 1 ? "is" : "are"} ${enumerate(names.map(quote))}.`;
    return failed(
      `${quote(name)} is to be exposed, but there is no Service ${quote(service)}.`,
      `${meant[0] === undefined ? "Correct `expose` in greenroom.yaml." : `Did you mean ${quote(meant[0])}?`} ${there}`,
    );
  }
  const ports = listOf(at(found, "spec", "ports")).flatMap((entry) => numberOf(at(entry, "port")) ?? []);
  if (!ports.includes(port)) {
    return failed(
      `${quote(name)} is to be exposed, but ${quote(objectName(found))} has no port ${quote(String(port))}.`,
      ports.length === 0
        ? "Give the Service a port."
        : `Correct \`expose\` in greenroom.yaml; the Service has ${enumerate(ports.map((each) => quote(String(each))))}.`,
    );
  }
  const selector = Object.entries(mapOf(at(found, "spec", "selector")));
  const serves = objects.some((object) => {
    const labels = mapOf(at(podTemplate(object)?.holder, "metadata", "labels"));
    return selector.every(([key, value]) => labels[key] === value);
  });
  if (serves) return undefined;
  return failed(
    `${quote(name)} is to be exposed, but ${quote(objectName(found))} selects no pods of the preview.`,
    `Compare its selector (${enumerate(selector.map(([key, value]) => quote(`${key}=${String(value)}`)))}) with the labels of the pod templates.`,
  );
}

function failed(what: string, remedy: string): Failure {
  return { kind: "user", code: "exposed-service", what, remedy };
}
