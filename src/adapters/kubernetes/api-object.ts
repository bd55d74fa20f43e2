import type { KubernetesObject } from "../../objects/kubernetes-object.ts";

/** An object as the API server answers it. */
export type ApiObject = KubernetesObject & {
  metadata: {
    uid?: string;
    resourceVersion: string;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    finalizers?: string[];
    ownerReferences?: { kind: string; name: string; uid: string; controller?: boolean }[];
  };
};

export type Json = { [key: string]: unknown };

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The API server itself is trusted in the form of what it always sends. */
export function isApiObject(value: unknown): value is ApiObject {
  return isJson(value) && isJson(value["metadata"]) && typeof value["metadata"]["resourceVersion"] === "string";
}

export function apiObject(value: unknown): ApiObject {
  if (isApiObject(value)) return value;
  throw new Error("the API server answered something that is not an object");
}

/** The items of a list, which come without their own kind, and the version it was read at. */
export function apiList(
  value: unknown,
  apiVersion: string,
  kind: string,
): { items: ApiObject[]; resourceVersion: string } {
  const items = isJson(value) && Array.isArray(value["items"]) ? value["items"] : [];
  const metadata = isJson(value) && isJson(value["metadata"]) ? value["metadata"] : {};
  return {
    items: items.filter(isApiObject).map((item) => ({ ...item, apiVersion, kind })),
    resourceVersion: typeof metadata["resourceVersion"] === "string" ? metadata["resourceVersion"] : "",
  };
}

/** `status.phase` and the like of an object. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((here, key) => (isJson(here) ? here[key] : undefined), value);
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
}
