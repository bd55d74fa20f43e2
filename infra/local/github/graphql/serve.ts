import {
  buildSchema,
  execute,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  OperationTypeNode,
  parse,
  validate,
} from "graphql";
import { Refusal } from "../actions/refusal.ts";
import { type Caller, callerOf, nameOf } from "../auth/callers.ts";
import type { Served } from "../faults/requests.ts";
import { errorBody } from "../rest/errors.ts";
import { type Api, budgetHeaders, commonHeaders } from "../rest/serve.ts";
import { type GraphObject, type Query, resolveField, Unimplemented } from "./fields.ts";
import { repositoryObject } from "./repositories.ts";
import { mutationRoot, queryRoot } from "./roots.ts";

let published: Promise<GraphQLSchema> | undefined;

/** The published schema: immutable and large, so a process reads it at most once, when first asked something. */
function publishedSchema(): Promise<GraphQLSchema> {
  published ??= import("@octokit/graphql-schema").then((module) =>
    buildSchema(module.schema.idl, { assumeValidSDL: true }),
  );
  return published;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The hour's points are used up: GraphQL says so in the body of a 200. */
class PointsUsedUp extends Error {}

/** Answers one GraphQL request. */
export async function serveGraphql(api: Api, request: Request): Promise<Served> {
  const started = performance.now();
  const { github, calls } = api;
  let caller: Caller = { kind: "anonymous" };
  let answer: Answer;
  try {
    caller = await callerOf(github, api.key, request.headers.get("authorization") ?? undefined);
    if (caller.kind === "anonymous") throw new Refusal(401, "This endpoint requires you to be authenticated.");
    const { remaining } = calls.count(nameOf(caller), "graphql", 0);
    if (remaining === 0) throw new PointsUsedUp();
    const query: Query = { github, caller, repositoryObject: (repository) => repositoryObject(query, repository) };
    answer = await run(api, query, await request.text());
  } catch (error) {
    answer =
      error instanceof PointsUsedUp
        ? { status: 200, body: { errors: [{ type: "RATE_LIMITED", message: "API rate limit exceeded" }] } }
        : errorBody(error, github.complain, "POST /graphql");
  }
  const by = nameOf(caller);
  const budget = calls.count(by, "graphql", 1);
  const call = {
    at: github.now().toISOString(),
    method: "POST",
    route: "graphql",
    path: new URL(request.url).pathname,
    status: answer.status,
    counted: true,
    resource: "graphql",
    by,
    milliseconds: Math.round(performance.now() - started),
  } as const;
  const headers = {
    "content-type": "application/json; charset=utf-8",
    ...budgetHeaders(budget, "graphql"),
    ...commonHeaders(),
  };
  return { response: new Response(JSON.stringify(answer.body), { status: answer.status, headers }), call };
}

interface Asked {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | undefined;
}

function read(text: string): Asked {
  let body: { query?: unknown; variables?: Record<string, unknown> | null; operationName?: string | null } | null;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refusal(400, "Problems parsing JSON");
  }
  const { query, variables, operationName } = body ?? {};
  if (typeof query !== "string") throw new Refusal(400, "A query attribute must be specified and must be a string.");
  return { query, variables: variables ?? {}, operationName: operationName ?? undefined };
}

async function run(api: Api, query: Query, text: string): Promise<Answer> {
  const asked = read(text);
  const schema = await publishedSchema();
  const { document, problems } = checked(schema, asked.query);
  if (document === undefined) {
    api.github.complain("a GraphQL query does not fit the published schema", { problems: problems.map(String) });
    return { status: 200, body: { errors: problems.map(presentError) } };
  }
  const budget = () => api.calls.count(nameOf(query.caller), "graphql", 0);
  const mutates = document.definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION && definition.operation === OperationTypeNode.MUTATION,
  );
  const rootValue: GraphObject = mutates ? mutationRoot(query) : queryRoot(query, budget);
  const result = await execute({
    schema,
    document,
    rootValue,
    variableValues: asked.variables,
    operationName: asked.operationName,
    fieldResolver: resolveField,
  });
  const errors = result.errors ?? [];
  const mistakes = errors.filter(({ originalError }) => isMistake(originalError));
  for (const mistake of mistakes) api.github.complain(mistake.message, { stack: mistake.originalError?.stack });
  const body = { data: result.data, ...(errors.length === 0 ? {} : { errors: errors.map(presentError) }) };
  return { status: mistakes.length > 0 ? 500 : 200, body };
}

/** The query as a document, or what is wrong with it. */
function checked(
  schema: GraphQLSchema,
  query: string,
): { readonly document: DocumentNode | undefined; readonly problems: readonly GraphQLError[] } {
  try {
    const document = parse(query);
    const problems = validate(schema, document);
    return { document: problems.length === 0 ? document : undefined, problems };
  } catch (error) {
    if (error instanceof GraphQLError) return { document: undefined, problems: [error] };
    throw error;
  }
}

/** What is missing in the stand-in, or wrong: not an answer GitHub would give. */
function isMistake(error: Error | null | undefined): boolean {
  if (error === undefined || error === null) return false;
  return error instanceof Unimplemented || !(error.name === "GraphQLError" || error instanceof Refusal);
}

function presentError({ message, path, locations, extensions, originalError }: GraphQLError) {
  const refusedType = originalError instanceof Refusal ? "UNPROCESSABLE" : undefined;
  const type = extensions["githubType"] ?? refusedType;
  return {
    ...(type === undefined ? {} : { type }),
    ...(path === undefined ? {} : { path }),
    ...(locations === undefined ? {} : { locations }),
    message,
  };
}
