import type { KubernetesObject, SourcedObject } from "./kubernetes-object.ts";
import { at, isMap, mapOf, textOf } from "./read.ts";

const deepestList = 8;

/**
 * Takes lists apart, since Kubernetes' clients do so too: every object with `items`, whatever its kind says, is to them
 * a list of objects, and each item is applied. Items of a typed list (`ConfigMapList`) inherit its kind.
 */
export function flatten(objects: readonly SourcedObject[]): SourcedObject[] {
  return objects.flatMap(({ object, file }) => itemsOf(object, 0).map((item) => ({ object: item, file })));
}

/** Any JSON as an object with an identity; what it lacks of one is empty, which the guard refuses. */
export function asObject(value: unknown): KubernetesObject {
  const json = mapOf(value);
  const metadata = mapOf(json.metadata);
  return {
    ...json,
    apiVersion: textOf(json.apiVersion) ?? "",
    kind: textOf(json.kind) ?? "",
    metadata: { ...metadata, name: textOf(metadata.name) ?? "" },
  };
}

function itemsOf(object: KubernetesObject, depth: number): KubernetesObject[] {
  const items = at(object, "items");
  // What is nested deeper stays a list, which is no kind that anything accepts.
  if (!Array.isArray(items) || depth === deepestList) return [asObject(object)];
  const { kind, apiVersion } = asObject(object);
  const inherited = kind !== "List" && kind.endsWith("List") ? { apiVersion, kind: kind.slice(0, -4) } : {};
  return items.filter(isMap).flatMap((item) => itemsOf(asObject({ ...inherited, ...item }), depth + 1));
}
