import { createHash, type KeyObject, randomUUID } from "node:crypto";
import { Refusal } from "../actions/refusal.ts";
import { type Caller, callerOf, nameOf, requireAccess } from "../auth/callers.ts";
import type { Budget, Calls } from "../calls.ts";
import type { GitHub } from "../context.ts";
import type { Faults } from "../faults/faults.ts";
import type { Served } from "../faults/requests.ts";
import { type Operation, restDescription } from "../schemas/published.ts";
import type { RepositoryRecord } from "../store/records.ts";
import { checkedParameters, watched } from "./check.ts";
import { errorBody } from "./errors.ts";
import { linkHeader, type Reply } from "./reply.ts";
import type { Route } from "./route.ts";

export interface ApiSettings {
  /** Whether an ETag also depends on the token, as GitHub's do, or on the content alone. */
  etags: "by-token" | "by-content";
}

export interface Api {
  readonly github: GitHub;
  readonly calls: Calls;
  readonly key: KeyObject;
  readonly settings: ApiSettings;
  readonly faults: Faults;
}

/** A route with what is published about it. */
export interface PublishedRoute {
  readonly route: Route;
  readonly operation: Operation;
}

export function publish(route: Route): PublishedRoute {
  return { route, operation: restDescription().operation(route.method, route.template) };
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | undefined;
}

/** Answers one request of the REST API, from the Authorization header to what the log says of it. */
export async function serve(
  api: Api,
  { route, operation }: PublishedRoute,
  request: Request,
  path: Readonly<Record<string, string>>,
): Promise<Served> {
  const started = performance.now();
  const { github, calls } = api;
  const url = new URL(request.url);
  let caller: Caller = { kind: "anonymous" };
  let answer: Answer;
  try {
    if (!request.headers.has("user-agent")) throw new Refusal(403, "Request forbidden by administrative rules.");
    caller = await callerOf(github, api.key, request.headers.get("authorization") ?? undefined);
    requireBudget(calls.count(nameOf(caller), "core", 0));
    const reply = await answerOf(api, { route, operation }, request, path, caller);
    answer = rendered(api, operation, route, request, url, reply);
  } catch (error) {
    const { status, body } = errorBody(error, github.complain, `${route.method} ${url.pathname}`);
    answer = { status, headers: jsonType, body: JSON.stringify(body) };
  }
  const counted = isCounted(route, caller, answer.status);
  const by = nameOf(caller);
  const budget = calls.count(by, "core", counted ? 1 : 0);
  const call = {
    at: github.now().toISOString(),
    method: route.method,
    route: route.template,
    path: url.pathname,
    status: answer.status,
    counted,
    resource: "core",
    by,
    milliseconds: Math.round(performance.now() - started),
  } as const;
  const headers = { ...answer.headers, ...budgetHeaders(budget, "core"), ...commonHeaders() };
  const body = answer.body === undefined ? null : Buffer.from(answer.body);
  return { response: new Response(body, { status: answer.status, headers }), call };
}

/** What costs nothing: asking for the limits, and being told that nothing changed, unless one is nobody. */
function isCounted(route: Route, caller: Caller, status: number): boolean {
  return route.template !== "/rate_limit" && (status !== 304 || caller.kind === "anonymous");
}

/** The forms an answer can be asked for in; GitHub has more. */
const mediaType = /^(?:\*\/\*|application\/json|application\/vnd\.github(?:\.v3)?(?:\.raw|\.sha)?(?:\+json)?)(?:;.*)?$/;

function requireMediaType(accept: string): void {
  const unknown = accept.split(",").find((type) => type.trim() !== "" && !mediaType.test(type.trim()));
  if (unknown !== undefined) throw new Error(`the stand-in does not implement the media type ${unknown.trim()}`);
}

const jsonType = { "content-type": "application/json; charset=utf-8" };

async function answerOf(
  api: Api,
  { route, operation }: PublishedRoute,
  request: Request,
  path: Readonly<Record<string, string>>,
  caller: Caller,
): Promise<Reply> {
  const { github, calls } = api;
  const { repository, names } = requestedRepository(github, route, path, caller);
  const url = new URL(request.url);
  const body = await readBody(request);
  const { parameters, unread } = watched(checkedParameters(operation, { path: names, query: url.searchParams, body }));
  const accept = request.headers.get("accept") ?? "";
  requireMediaType(accept);
  const reply = await route.handle({ github, calls, caller, parameters, accept, repository });
  const ignored = unread();
  if (ignored.length > 0) {
    throw new Error(`the stand-in does not implement ${ignored.join(", ")} of ${route.method} ${route.template}`);
  }
  return reply;
}

/** The repository a route is about, once it is clear that the caller may use the route on it. */
function requestedRepository(
  github: GitHub,
  { access, method }: Route,
  path: Readonly<Record<string, string>>,
  caller: Caller,
): { readonly repository: RepositoryRecord | undefined; readonly names: Readonly<Record<string, string>> } {
  if (access.kind === "audience") {
    requireAudience(access.audience, caller);
    return { repository: undefined, names: path };
  }
  const { repository_id: id, ...names } = path;
  const { owner = "", repo = "" } = names;
  const repository =
    id === undefined ? github.store.repositoryByName(owner, repo) : github.store.repositoryById(Number(id));
  if (repository === undefined) throw new Refusal(404, "Not Found");
  requireAccess(caller, repository, access.permissions, method === "GET" ? "read" : "write");
  const login = github.store.user(repository.ownerId).login;
  return { repository, names: { ...names, owner: login, repo: repository.name } };
}

function requireAudience(audience: string, caller: Caller): void {
  if (audience === "anyone" || audience === caller.kind) return;
  if (caller.kind === "anonymous") throw new Refusal(401, "Requires authentication");
  if (audience === "app") throw new Refusal(401, "A JSON web token could not be decoded");
  throw new Refusal(403, "Resource not accessible by integration");
}

async function readBody(request: Request): Promise<unknown> {
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  const text = await request.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal(400, "Problems parsing JSON");
  }
}

/** The answer's bytes and headers; an answer that is not what GitHub publishes is our mistake and not sent. */
function rendered(api: Api, operation: Operation, route: Route, request: Request, url: URL, reply: Reply): Answer {
  if (reply.kind === "empty") return { status: reply.status, headers: {}, body: undefined };
  const status = reply.kind === "json" ? reply.status : 200;
  const headers: Record<string, string> = {};
  let body: string | Uint8Array;
  if (reply.kind === "bytes") {
    headers["content-type"] = reply.type;
    body = reply.body;
  } else {
    const check = operation.response(status);
    body = JSON.stringify(reply.body);
    const problem = check === undefined ? `${status} is not a documented status` : check(JSON.parse(body));
    if (problem !== undefined) throw new Error(`the answer to ${route.method} ${route.template}: ${problem}`);
    Object.assign(headers, jsonType);
  }
  const link = linkOf(url, reply);
  if (link !== undefined) headers["link"] = link;
  if (reply.kind === "json" && reply.location !== undefined) headers["location"] = reply.location;
  if (request.method !== "GET") return { status, headers, body };
  headers["etag"] = etagOf(api.settings, request, body);
  headers["vary"] = "Accept, Authorization, Cookie, X-GitHub-OTP";
  headers["cache-control"] = "private, max-age=60, s-maxage=60";
  return namesTag(request.headers.get("if-none-match"), headers["etag"])
    ? { status: 304, headers, body: undefined }
    : { status, headers, body };
}

function linkOf(url: URL, reply: Reply): string | undefined {
  if (reply.kind === "page") return linkHeader(url, reply.page, reply.lastPage);
  if (reply.kind !== "json" || reply.next === undefined) return undefined;
  const target = new URL(url);
  for (const [name, value] of Object.entries(reply.next)) target.searchParams.set(name, value);
  return `<${target.href}>; rel="next"`;
}

/** Whether If-None-Match has this tag among those it names. */
function namesTag(header: string | null, tag: string): boolean {
  return (header ?? "").split(",").some((named) => named.trim() === tag);
}

function etagOf(settings: ApiSettings, request: Request, body: string | Uint8Array): string {
  const hash = createHash("sha256")
    .update(body)
    .update(request.headers.get("accept") ?? "");
  if (settings.etags === "by-token") hash.update(request.headers.get("authorization") ?? "");
  return `W/"${hash.digest("hex")}"`;
}

/** Refuses a caller who has used up the hour's calls. */
export function requireBudget({ remaining }: Budget): void {
  if (remaining === 0) throw new Refusal(403, "API rate limit exceeded");
}

export function budgetHeaders({ limit, remaining, used, reset }: Budget, resource: string): Record<string, string> {
  return {
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": String(remaining),
    "x-ratelimit-used": String(used),
    "x-ratelimit-reset": String(reset),
    "x-ratelimit-resource": resource,
  };
}

export function commonHeaders(): Record<string, string> {
  return { "x-github-request-id": randomUUID().toUpperCase(), "x-github-media-type": "github.v3; format=json" };
}
