import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Check, type Json, type JsonObject, SchemaBook } from "./book.ts";
import { correct } from "./corrections.ts";

const require = createRequire(import.meta.url);

function load(file: string): JsonObject {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** A member of a JSON object that must be an object itself. */
function member(value: Json | undefined, name: string): JsonObject | undefined {
  if (value === undefined || value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  const found = value[name];
  return found === undefined || found === null || typeof found !== "object" || Array.isArray(found) ? undefined : found;
}

/** What GitHub publishes about one operation of its REST API, as checks. */
export interface Operation {
  /** Turns numbers and booleans that are written as text into what they are, in place; so does `query`. */
  readonly path: Check;
  readonly query: Check;
  readonly body: Check;
  /** Undefined where GitHub documents no answer of that status. */
  response(status: number): Check | undefined;
}

/** The REST API's published description: parameters, bodies and answers of each operation. */
export class RestDescription {
  readonly #document = correct(load(require.resolve("@octokit/openapi/generated/api.github.com.json")));
  readonly #book: SchemaBook;
  readonly #queryBook: SchemaBook;

  constructor() {
    const components = member(member(this.#document, "components"), "schemas") ?? {};
    this.#book = new SchemaBook(components, { coerce: false });
    this.#queryBook = new SchemaBook(components, { coerce: true });
  }

  /** The operation of a method and a path template, for example GET and /repos/{owner}/{repo}. */
  operation(method: string, template: string): Operation {
    const operation = member(member(member(this.#document, "paths"), template), method.toLowerCase());
    if (operation === undefined) throw new Error(`GitHub publishes no ${method} ${template}`);
    const responses = new Map<number, Check | undefined>();
    const path = once(() => this.#queryBook.compile(this.#parametersSchema(operation, "path")));
    const query = once(() => this.#queryBook.compile(this.#parametersSchema(operation, "query")));
    const body = once(() => this.#book.compile(bodySchema(operation)));
    return {
      path: (value) => path()(value),
      query: (value) => query()(value),
      body: (value) => body()(value),
      response: (status) => {
        if (!responses.has(status)) responses.set(status, this.#responseCheck(operation, status));
        return responses.get(status);
      },
    };
  }

  #parametersSchema(operation: JsonObject, place: "path" | "query"): Json {
    const listed = Array.isArray(operation["parameters"]) ? operation["parameters"] : [];
    const parameters = listed
      .map((parameter) => this.#resolve(parameter))
      .filter((parameter) => parameter["in"] === place);
    return {
      type: "object",
      additionalProperties: false,
      properties: Object.fromEntries(parameters.map((parameter) => [nameOf(parameter), parameter["schema"] ?? {}])),
      required: parameters.filter((parameter) => parameter["required"] === true).map(nameOf),
    };
  }

  #responseCheck(operation: JsonObject, status: number): Check | undefined {
    const documented = member(operation, "responses")?.[String(status)];
    if (documented === undefined) return undefined;
    const content = member(this.#resolve(documented), "content");
    const schema = member(content, "application/json")?.["schema"];
    return schema === undefined ? () => undefined : this.#book.compile(schema);
  }

  #resolve(value: Json): JsonObject {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return {};
    const reference = value["$ref"];
    if (typeof reference !== "string") return value;
    let target: JsonObject | undefined = this.#document;
    for (const name of reference.slice(2).split("/")) target = member(target, name);
    if (target === undefined) throw new Error(`the published document has no ${reference}`);
    return target;
  }
}

function nameOf({ name }: JsonObject): string {
  if (typeof name !== "string") throw new Error("the published document has a parameter without a name");
  return name;
}

/** The schema of a JSON body, closed: what GitHub does not name is refused. */
function bodySchema(operation: JsonObject): Json {
  const content = member(member(operation, "requestBody"), "content");
  const schema = member(content, "application/json")?.["schema"];
  return schema === undefined ? { type: "object", additionalProperties: false } : closed(schema);
}

function closed(schema: Json): Json {
  if (schema === null || typeof schema !== "object" || Array.isArray(schema)) return schema;
  const result = { ...schema };
  if (schema["properties"] !== undefined) result["additionalProperties"] ??= false;
  for (const keyword of schema["properties"] === undefined ? ["oneOf", "anyOf"] : []) {
    const alternatives = schema[keyword];
    if (Array.isArray(alternatives)) result[keyword] = alternatives.map(closed);
  }
  return result;
}

/** The published webhook payloads. */
export class WebhookDescription {
  readonly #book: SchemaBook;
  readonly #components: JsonObject;
  readonly #checks = new Map<string, Check>();

  constructor() {
    const document = load(require.resolve("@octokit/openapi-webhooks/generated/api.github.com.json"));
    this.#components = member(member(document, "components"), "schemas") ?? {};
    this.#book = new SchemaBook(this.#components, { coerce: false });
  }

  /** The check of an event's payload, for example pull_request and opened. */
  payload(event: string, action: string | undefined): Check {
    const name = `webhook-${[event, action]
      .filter((part) => part !== undefined)
      .join("-")
      .replaceAll("_", "-")}`;
    const known = this.#checks.get(name);
    if (known !== undefined) return known;
    if (this.#components[name] === undefined) throw new Error(`GitHub publishes no event ${name}`);
    const check = this.#book.named(name);
    this.#checks.set(name, check);
    return check;
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The published descriptions: immutable and large, so a process reads each at most once. */
export const restDescription = once(() => new RestDescription());
export const webhookDescription = once(() => new WebhookDescription());
