import type { GitHub } from "../context.ts";
import type { RepositoryRecord, UserRecord } from "../store/records.ts";
import { notFound } from "./refusal.ts";
import { requireRole } from "./roles.ts";

/** Notes the environment of a new deployment. */
export function rememberEnvironment(repository: RepositoryRecord, name: string): void {
  if (!repository.environments.includes(name)) repository.environments.push(name);
}

/** Deletes an environment with its deployments. */
export function deleteEnvironment(github: GitHub, actor: UserRecord, repository: RepositoryRecord, name: string): void {
  requireRole(repository, actor, "admin");
  if (!repository.environments.includes(name)) throw notFound();
  repository.environments = repository.environments.filter((each) => each !== name);
  repository.deployments = repository.deployments.filter(({ environment }) => environment !== name);
  github.store.changed(repository);
}
