import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { crdFiles } from "../../../infra/docs/crd.ts";
import { previewDefinition } from "../../../src/adapters/kubernetes/crd.ts";
import { at, isJson } from "../../../src/adapters/kubernetes/api-object.ts";

const root = join(import.meta.dirname, "../../..");
const schema = at(previewDefinition(), "spec", "versions");

/** Every part of a schema, with its path. */
function parts(value: unknown, path = ""): [string, Record<string, unknown>][] {
  if (Array.isArray(value)) return value.flatMap((each, index) => parts(each, `${path}/${index}`));
  if (!isJson(value)) return [];
  return [[path, value], ...Object.entries(value).flatMap(([key, each]) => parts(each, `${path}/${key}`))];
}

describe("the custom resource's definition", () => {
  test.each(Object.entries(crdFiles()))("%s is what the code says", (path, content) => {
    expect(readFileSync(join(root, path), "utf8")).toBe(content);
  });

  test("is structural: no part that Kubernetes refuses", () => {
    const keys = parts(schema)
      .filter(([path]) => !path.endsWith("/properties"))
      .flatMap(([, part]) => Object.keys(part));
    const refused = ["$ref", "$schema", "additionalProperties", "exclusiveMinimum", "anyOf", "oneOf", "const"];
    expect(keys.filter((key) => refused.includes(key))).toEqual([]);
  });

  test("every integer has 64 bits and every text an end", () => {
    const typed = parts(schema).map(([path, part]) => ({ path, part }));
    const integers = typed.filter(({ part }) => part["type"] === "integer" && part["jsonPath"] === undefined);
    expect(integers.length).toBeGreaterThan(5);
    expect(integers.filter(({ part }) => part["format"] !== "int64")).toEqual([]);
    const texts = typed.filter(({ path, part }) => part["type"] === "string" && path.includes("openAPIV3Schema"));
    expect(texts.length).toBeGreaterThan(10);
    const bounds = ["maxLength", "enum", "pattern", "format"];
    expect(texts.filter(({ part }) => !bounds.some((bound) => bound in part)).map(({ path }) => path)).toEqual([]);
  });
});
