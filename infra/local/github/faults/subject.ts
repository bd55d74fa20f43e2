import { z } from "zod";
import { readNodeId } from "../present/ids.ts";
import type { Store } from "../store/store.ts";

const asked = z.object({ variables: z.record(z.string(), z.unknown()).optional() });

/**
 * Whether a request is about a repository: by the name or number in its path, or by what a GraphQL query's variables
 * name, as owner and name or as a node id.
 */
export function isAbout(store: Store, fullName: string, path: string, graphqlBody: string | undefined): boolean {
  const [owner = "", name = ""] = fullName.split("/");
  const wanted = store.repositoryByName(owner, name);
  if (wanted === undefined) return false;
  if (graphqlBody !== undefined) return idsOfQuery(store, graphqlBody).includes(wanted.id);
  const byNumber = /^\/repositories\/(\d+)(?:\/|$)/.exec(path)?.[1];
  if (byNumber !== undefined) return Number(byNumber) === wanted.id;
  const [, inPathOwner, inPathName] = /^(?:\/repos)?\/([^/]+)\/([^/]+?)(?:\.git)?(?:\/|$)/.exec(path) ?? [];
  return inPathOwner?.toLowerCase() === owner.toLowerCase() && inPathName?.toLowerCase() === wanted.name.toLowerCase();
}

/** Kinds of node ids that begin with their repository's number. */
const ofRepositories = new Set(["R", "PR", "IC"]);

function idsOfQuery(store: Store, body: string): number[] {
  const variables = asked.safeParse(parsed(body)).data?.variables ?? {};
  const { owner, name = variables["repo"] } = variables;
  const named =
    typeof owner === "string" && typeof name === "string" ? store.repositoryByName(owner, name)?.id : undefined;
  const nodes = Object.values(variables).flatMap((value) => {
    const node = typeof value === "string" ? readNodeId(value) : undefined;
    return node !== undefined && ofRepositories.has(node.kind) ? [Number(node.ids[0])] : [];
  });
  return named === undefined ? nodes : [named, ...nodes];
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
