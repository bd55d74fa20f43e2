import type { Endpoints } from "@octokit/types";
import { actorOf, type Caller, type Permission } from "../auth/callers.ts";
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

/** A call as it comes from the check, before a route knows its parameters by their names. */
export interface CheckedCall {
  readonly github: GitHub;
  readonly calls: Calls;
  readonly caller: Caller;
  readonly parameters: unknown;
  readonly accept: string;
  /** Undefined for routes outside repositories. */
  readonly repository: RepositoryRecord | undefined;
}

/** One operation of the API. */
export interface Route {
  readonly method: string;
  readonly template: string;
  readonly access:
    | { readonly kind: "audience"; readonly audience: Audience }
    | { readonly kind: "repository"; readonly permissions: readonly Permission[] };
  readonly handle: (call: CheckedCall) => Reply | Promise<Reply>;
}

/** Declares an operation outside repositories. */
export function route<E extends Endpoint>(
  endpoint: E,
  audience: Audience,
  handle: (call: ApiCall<E>) => Reply | Promise<Reply>,
): Route {
  return {
    ...split(endpoint),
    access: { kind: "audience", audience },
    handle: (call) => handle({ ...call, parameters: parametersOf(endpoint, call) }),
  };
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
  return {
    ...split(endpoint),
    access: { kind: "repository", permissions },
    handle: (call) => {
      const { repository, caller } = call;
      if (repository === undefined) throw new Error(`${endpoint} was called without its repository`);
      return handle({
        ...call,
        parameters: parametersOf(endpoint, call),
        repository,
        get actor() {
          return actorOf(caller);
        },
      });
    },
  };
}

function parametersOf<E extends Endpoint>(_endpoint: E, { parameters }: CheckedCall): Endpoints[E]["parameters"] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the endpoint's published schema has checked them
  return parameters as Endpoints[E]["parameters"];
}

function split(endpoint: string): { readonly method: string; readonly template: string } {
  const [method = "", template = ""] = endpoint.split(" ");
  return { method, template };
}
