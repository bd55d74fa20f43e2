import type { Endpoints } from "@octokit/types";
import type { Caller, Permission } from "../auth/callers.ts";
import type { GitHub } from "../context.ts";
import type { RepositoryRecord, UserRecord } from "../store/records.ts";
import type { Calls } from "../calls.ts";
import type { Reply } from "./reply.ts";

export type Endpoint = keyof Endpoints;

/** A call that passed authentication, access and the published schema. */
export interface ApiCall<E extends Endpoint> {
  readonly github: GitHub;
  readonly calls: Calls;
  readonly caller: Caller;
  /** Path, query and body together, as Octokit takes them. */
  readonly parameters: Endpoints[E]["parameters"];
  readonly accept: string;
}

/** A call about a repository that the caller may see. */
export interface RepositoryCall<E extends Endpoint> extends ApiCall<E> {
  readonly repository: RepositoryRecord;
  /** The account in whose name the caller acts. Throws for anonymous callers. */
  readonly actor: UserRecord;
}

/** Whom a route outside repositories lets in. */
export type Audience = "anyone" | "app" | "installation" | "user";

type Handler = (call: RepositoryCall<Endpoint>) => Reply | Promise<Reply>;

/** One operation of the API. */
export interface Route {
  readonly method: string;
  readonly template: string;
  readonly access:
    | { readonly kind: "audience"; readonly audience: Audience }
    | { readonly kind: "repository"; readonly permissions: readonly Permission[] };
  readonly handle: Handler;
}

/** Declares an operation outside repositories. */
export function route<E extends Endpoint>(
  endpoint: E,
  audience: Audience,
  handle: (call: ApiCall<E>) => Reply | Promise<Reply>,
): Route {
  return { ...split(endpoint), access: { kind: "audience", audience }, handle: handle as unknown as Handler };
}

/**
 * Declares an operation on a repository. An installation token needs one of `permissions`; what a person needs beside
 * seeing the repository, the action itself asks.
 */
export function repositoryRoute<E extends Endpoint>(
  endpoint: E,
  permissions: readonly Permission[],
  handle: (call: RepositoryCall<E>) => Reply | Promise<Reply>,
): Route {
  // The published schema has checked the parameters by the time `handle` sees them as the endpoint's own.
  return { ...split(endpoint), access: { kind: "repository", permissions }, handle: handle as unknown as Handler };
}

function split(endpoint: string): { readonly method: string; readonly template: string } {
  const [method = "", template = ""] = endpoint.split(" ");
  return { method, template };
}
