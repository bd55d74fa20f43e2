import { z } from "zod";
import { previewApi, previewSpec, previewStatus } from "../../preview/preview.ts";
import { isJson } from "./api-object.ts";
import type { Json } from "./api-object.ts";

/**
 * Turns a JSON Schema into the structural form that Kubernetes takes: unknown fields are pruned rather than forbidden,
 * integers have 64 bits, and a timestamp's format stands without its long pattern.
 */
function structural(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(structural);
  if (!isJson(schema)) return schema;
  const { additionalProperties: _, properties, minimum, maximum, exclusiveMinimum, pattern, ...rest } = schema;
  const integer = rest["type"] === "integer";
  const least = integer && exclusiveMinimum === true && typeof minimum === "number" ? minimum + 1 : minimum;
  return {
    ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, structural(value)])),
    ...(integer ? { format: "int64" } : {}),
    ...(least === undefined ? {} : { minimum: least }),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
    ...(pattern === undefined || rest["format"] === "date-time" ? {} : { pattern }),
    ...(isJson(properties)
      ? { properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, structural(value)])) }
      : {}),
  };
}

const schemaOf = (schema: z.ZodType) => structural(z.toJSONSchema(schema, { target: "openapi-3.0", io: "input" }));

const column = (name: string, jsonPath: string, more: Json = {}) => ({ name, type: "string", jsonPath, ...more });

/** The CustomResourceDefinition of the record, made from its zod schema. */
export function previewDefinition(): Json {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${previewApi.plural}.${previewApi.group}` },
    spec: {
      group: previewApi.group,
      scope: "Namespaced",
      names: {
        kind: previewApi.kind,
        listKind: `${previewApi.kind}List`,
        plural: previewApi.plural,
        singular: previewApi.kind.toLowerCase(),
      },
      versions: [
        {
          name: previewApi.version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            column("Repository", ".spec.repository.fullName"),
            column("PR", ".spec.pullRequest", { type: "integer" }),
            column("Phase", ".status.phase"),
            column("Commit", ".status.observedCommit"),
            column("URL", ".status.urls[0].url"),
            column("Age", ".metadata.creationTimestamp", { type: "date" }),
            column("Reason", ".status.reason", { priority: 1 }),
          ],
          schema: {
            openAPIV3Schema: {
              type: "object",
              description: "The preview of one pull request.",
              required: ["spec"],
              properties: { spec: schemaOf(previewSpec), status: schemaOf(previewStatus) },
            },
          },
        },
      ],
    },
  };
}
