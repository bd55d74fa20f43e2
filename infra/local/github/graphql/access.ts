import { Refusal } from "../actions/refusal.ts";
import { type Permission, requireAccess } from "../auth/callers.ts";
import type { RepositoryRecord } from "../store/records.ts";
import { type GraphObject, type Query, refused } from "./fields.ts";

/** A repository, for whom may see it; undefined for others. */
export function visibleRepository(query: Query, repository: RepositoryRecord | undefined): GraphObject | undefined {
  if (repository === undefined) return undefined;
  try {
    requireAccess(query.caller, repository, ["metadata:read"], "read");
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
  return query.repositoryObject(repository);
}

/** Refuses a field whose permission the token lacks, in GraphQL's form. */
export function requirePermission(
  { caller }: Query,
  repository: RepositoryRecord,
  permissions: readonly Permission[],
): void {
  try {
    requireAccess(caller, repository, permissions, "read");
  } catch (error) {
    if (error instanceof Refusal) throw refused("FORBIDDEN", error.message);
    throw error;
  }
}
