import { GraphQLError, type GraphQLFieldResolver } from "graphql";
import type { Caller } from "../auth/callers.ts";
import type { GitHub } from "../context.ts";
import type { RepositoryRecord } from "../store/records.ts";

/** What resolvers know of the request. */
export interface Query {
  readonly github: GitHub;
  readonly caller: Caller;
  /** The object of a repository, which what belongs to one leads back to. */
  readonly repositoryObject: (repository: RepositoryRecord) => GraphObject;
}

/** An object of the published schema: the fields the stand-in has, each a value or a `Field`. */
export type GraphObject = { readonly __typename: string } & Readonly<Record<string, unknown>>;

/** A field that is computed when asked for, with the arguments it understands. */
export class Field {
  readonly takes: readonly string[];
  readonly resolve: (args: Readonly<Record<string, unknown>>) => unknown;

  constructor(takes: readonly string[], resolve: (args: Readonly<Record<string, unknown>>) => unknown) {
    this.takes = takes;
    this.resolve = resolve;
  }
}

/** A field without arguments that is computed when asked for. */
export function lazy(resolve: () => unknown): Field {
  return new Field([], resolve);
}

/** A field whose published arguments are `Args`. */
export function field<Args>(takes: readonly (keyof Args & string)[], resolve: (args: Args) => unknown): Field {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the published schema has checked them
  return new Field(takes, (args) => resolve(args as Args));
}

/** The published schema has it, the stand-in has not: said loudly, never answered with null. */
export class Unimplemented extends Error {
  constructor(what: string) {
    super(`the stand-in does not implement ${what}`);
    this.name = "Unimplemented";
  }
}

export const resolveField: GraphQLFieldResolver<GraphObject, unknown, Readonly<Record<string, unknown>>> = (
  source,
  args,
  _context,
  info,
) => {
  const name = `${info.parentType.name}.${info.fieldName}`;
  if (!Object.hasOwn(source, info.fieldName)) throw new Unimplemented(name);
  const value = source[info.fieldName];
  const takes = value instanceof Field ? value.takes : [];
  const given = Object.keys(args);
  const unknown = given.find((argument) => !takes.includes(argument));
  if (unknown !== undefined) throw new Unimplemented(`the argument ${unknown} of ${name}`);
  return value instanceof Field ? value.resolve(args) : value;
};

/** An error in GitHub's form: its type stands beside the message. */
export function refused(type: "NOT_FOUND" | "FORBIDDEN" | "UNPROCESSABLE", message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { githubType: type } });
}

export interface PageArguments {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
  readonly before?: string | null;
}

export const pageArguments = ["first", "last", "after", "before"] as const;

/** A connection over items: the part that the page arguments ask for. */
export function connection<T>(
  typename: string,
  items: readonly T[],
  { first, last, after, before }: PageArguments,
  present: (item: T) => GraphObject,
  edge: (item: T) => Readonly<Record<string, unknown>> = () => ({}),
): GraphObject {
  const wanted = first ?? last;
  if (wanted === undefined || wanted === null) {
    throw new GraphQLError(`You must provide a \`first\` or \`last\` value to properly paginate the ${typename}.`);
  }
  if (wanted < 1 || wanted > 100) {
    throw new GraphQLError(`Requesting ${wanted} records on the ${typename} exceeds the limit of 100 records.`);
  }
  const from = after === undefined || after === null ? 0 : indexOf(after) + 1;
  const to = before === undefined || before === null ? items.length : indexOf(before);
  const start = first === undefined || first === null ? Math.max(from, to - wanted) : from;
  const end = first === undefined || first === null ? to : Math.min(to, from + wanted);
  const shown = items.slice(start, end);
  return {
    __typename: typename,
    totalCount: items.length,
    nodes: lazy(() => shown.map(present)),
    edges: lazy(() =>
      shown.map((item, index) => ({
        __typename: typename.replace(/Connection$/, "Edge"),
        cursor: cursorOf(start + index),
        node: lazy(() => present(item)),
        ...edge(item),
      })),
    ),
    pageInfo: {
      __typename: "PageInfo",
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: shown.length === 0 ? null : cursorOf(start),
      endCursor: shown.length === 0 ? null : cursorOf(end - 1),
    },
  };
}

function cursorOf(index: number): string {
  return Buffer.from(`cursor:v2:${index}`).toString("base64");
}

function indexOf(cursor: string): number {
  const index = Number(/^cursor:v2:(\d+)$/.exec(Buffer.from(cursor, "base64").toString())?.[1]);
  if (Number.isNaN(index)) throw new GraphQLError(`\`${cursor}\` does not appear to be a valid cursor.`);
  return index;
}
