import type { RepositoryRecord } from "../store/records.ts";

export type AuthorAssociation = "OWNER" | "COLLABORATOR" | "CONTRIBUTOR" | "NONE";

/** How GitHub describes a person's relation to a repository. It says nothing reliable about permission. */
export function authorAssociation(repository: RepositoryRecord, userId: number): AuthorAssociation {
  if (repository.ownerId === userId) return "OWNER";
  if (repository.collaborators[userId] !== undefined) return "COLLABORATOR";
  const merged = repository.threads.some(
    (thread) => thread.kind === "pull" && thread.mergedAt !== null && thread.authorId === userId,
  );
  return merged ? "CONTRIBUTOR" : "NONE";
}
