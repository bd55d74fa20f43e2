import type { Json, JsonObject } from "./book.ts";

/**
 * Where the published description contradicts itself and GitHub's own answers. The list of an app's installations wants
 * an account to be a person and an enterprise at once; a single installation may be either, and so may each in the list.
 */
const corrections: readonly { readonly at: readonly string[]; readonly to: Json }[] = [
  {
    at: ["paths", "/app/installations", "get", "responses", "200", "content", "application/json", "schema", "items"],
    to: { $ref: "#/components/schemas/installation" },
  },
  // A label without a description has null there, as a pull request shows it when it is asked for alone.
  {
    at: ["components", "schemas", "pull-request-simple", "properties", "labels", "items", "properties", "description"],
    to: { type: "string", nullable: true },
  },
];

/** Puts right, in place, what is known to be wrong in the published description. */
export function correct(document: JsonObject): JsonObject {
  for (const { at, to } of corrections) {
    const last = at.at(-1) ?? "";
    const parent = at.slice(0, -1).reduce<Json | undefined>((found, name) => memberOf(found, name), document);
    if (memberOf(parent, last) === undefined || !isObject(parent)) {
      throw new Error(`the published description has no ${at.join(" ")} any more`);
    }
    parent[last] = to;
  }
  return document;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) ? value[name] : undefined;
}
