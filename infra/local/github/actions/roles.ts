import { includesRole } from "../present/repository.ts";
import type { GitHub } from "../context.ts";
import type { RepositoryRecord, Role, UserRecord } from "../store/records.ts";
import { notFound, Refusal } from "./refusal.ts";

/** What a person may do on a repository; undefined: not even see it. */
export function roleOf(repository: RepositoryRecord, userId: number | undefined): Role | undefined {
  if (userId !== undefined && repository.ownerId === userId) return "admin";
  const granted = userId === undefined ? undefined : repository.collaborators[userId];
  return granted ?? (repository.private ? undefined : "read");
}

/**
 * Refuses a person whose role is too small, as GitHub does: who may not see a private repository is told that there is
 * none. The app's bot passes: its permissions are those of its token, asked by the route.
 */
export function requireRole(repository: RepositoryRecord, actor: UserRecord, needed: Role): void {
  if (isOwnBot(actor)) return;
  const role = roleOf(repository, actor.id);
  if (role === undefined) throw notFound();
  if (!includesRole(role, needed)) {
    throw new Refusal(403, needed === "admin" ? "Must have admin rights to Repository." : "Must have write access.");
  }
}

/** Whether this is the app's bot; other apps' bots have a token of their own. */
export function isOwnBot({ type, token }: UserRecord): boolean {
  return type === "Bot" && token === undefined;
}

/** Runs `work` alone within the repository's network of forks, which share branches and pull requests. */
export function exclusively<T>(github: GitHub, repository: RepositoryRecord, work: () => Promise<T>): Promise<T> {
  return github.store.exclusively(networkOf(github, repository), work);
}

/** The id of the repository all forks come from. */
export function networkOf(github: GitHub, repository: RepositoryRecord): number {
  const parent = repository.parentId === null ? undefined : github.store.repositoryById(repository.parentId);
  return parent === undefined ? repository.id : networkOf(github, parent);
}
