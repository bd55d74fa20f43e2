import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import addFormatsModule from "ajv-formats";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

/** A function that says what is wrong with a value, or undefined where nothing is. */
export type Check = (value: unknown) => string | undefined;

const componentPrefix = "#/components/schemas/";

/**
 * The named schemas of one published OpenAPI document, compiled as they are first needed: the whole document has
 * nearly a thousand, and a run uses a few dozen.
 */
export class SchemaBook {
  readonly #components: JsonObject;
  readonly #ajv: Ajv;
  readonly #added = new Set<string>();

  /** With `coerce`, numbers and booleans may be written as text, as in a query. */
  constructor(components: JsonObject, options: { readonly coerce: boolean }) {
    this.#components = components;
    this.#ajv = new Ajv({ strict: false, logger: false, coerceTypes: options.coerce, validateFormats: true });
    // The module is CommonJS: its function is the default export's own default.
    addFormatsModule.default(this.#ajv);
    // GitHub leaves an address it does not have empty, where its own description says "uri".
    this.#ajv.addFormat("uri", (text: string) => text === "" || URL.canParse(text));
  }

  compile(schema: Json): Check {
    const validate = this.#ajv.compile(this.#translateObject(asObject(schema)));
    return (value) => (validate(value) ? undefined : describe(validate));
  }

  /** The check of a schema by its name in the document. */
  named(name: string): Check {
    return this.compile({ $ref: componentPrefix + name });
  }

  /** OpenAPI 3.0 to JSON Schema: `nullable`, and references to schemas by name. */
  #translate(schema: Json): Json {
    if (Array.isArray(schema)) return schema.map((item) => this.#translate(item));
    return schema === null || typeof schema !== "object" ? schema : this.#translateObject(schema);
  }

  #translateObject(schema: JsonObject): JsonObject {
    const reference = schema["$ref"];
    if (typeof reference === "string") return { $ref: this.#add(reference) };
    const translated: JsonObject = {};
    for (const [keyword, value] of Object.entries(schema)) {
      if (documentation.has(keyword) || keyword.startsWith("x-")) continue;
      if (keyword === "properties") translated[keyword] = this.#translateProperties(value);
      else if (keyword === "enum" || keyword === "required" || keyword === "const") translated[keyword] = value;
      else translated[keyword] = this.#translate(value);
    }
    return schema["nullable"] === true ? { anyOf: [{ type: "null" }, translated] } : translated;
  }

  #translateProperties(properties: Json): Json {
    if (properties === null || typeof properties !== "object" || Array.isArray(properties)) return properties;
    return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, this.#translate(schema)]));
  }

  #add(reference: string): string {
    const name = reference.slice(componentPrefix.length);
    const schema = this.#components[name];
    if (!reference.startsWith(componentPrefix) || schema === undefined) {
      throw new Error(`the published document has no ${reference}`);
    }
    const id = `component:${name}`;
    if (!this.#added.has(name)) {
      this.#added.add(name);
      this.#ajv.addSchema(this.#translateObject(asObject(schema)), id);
    }
    return id;
  }
}

const documentation = new Set([
  "nullable",
  "description",
  "example",
  "examples",
  "title",
  "externalDocs",
  "deprecated",
  "default",
  "discriminator",
]);

function asObject(schema: Json): JsonObject {
  if (schema === null || typeof schema !== "object" || Array.isArray(schema)) throw new Error("a schema is an object");
  return schema;
}

function describe(validate: ValidateFunction): string {
  return (validate.errors ?? []).map(describeError).join("; ");
}

function describeError({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath === "" ? "the value" : instancePath} ${message ?? "is wrong"} ${JSON.stringify(params)}`;
}
