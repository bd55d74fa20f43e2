import { Refusal } from "../actions/refusal.ts";
import type { Operation } from "../schemas/published.ts";

export interface Given {
  /** From the path, still as text. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** Holds what a client sent against the published schema; what GitHub does not know is refused, not ignored. */
export function checkedParameters(operation: Operation, { path, query, body }: Given): Record<string, unknown> {
  // The check turns text into numbers and booleans in place.
  const pathValues: Record<string, unknown> = { ...path };
  if (operation.path(pathValues) !== undefined) throw new Refusal(404, "Not Found");
  const queryValues: Record<string, unknown> = Object.fromEntries(query);
  const queryProblem = operation.query(queryValues);
  if (queryProblem !== undefined) throw new Refusal(422, `Invalid request. In the query, ${queryProblem}`);
  const bodyProblem = operation.body(body ?? {});
  if (bodyProblem !== undefined) throw new Refusal(422, `Invalid request.\n\n${bodyProblem}`);
  return { ...queryValues, ...(typeof body === "object" ? body : {}), ...pathValues };
}

/** Parameters that remember which of them were looked at. */
export interface Watched {
  readonly parameters: Record<string, unknown>;
  readonly unread: () => string[];
}

/** Wraps parameters so that one nobody looked at can be refused: it would have had no effect. */
export function watched(parameters: Record<string, unknown>): Watched {
  const read = new Set<string>();
  return {
    parameters: new Proxy(parameters, {
      get(target, name) {
        if (typeof name === "string") read.add(name);
        return typeof name === "string" ? target[name] : undefined;
      },
    }),
    unread: () => Object.keys(parameters).filter((name) => !read.has(name) && name !== "owner" && name !== "repo"),
  };
}
