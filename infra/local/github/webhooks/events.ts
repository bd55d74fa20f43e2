import type { GitHub } from "../context.ts";
import { presentSimpleInstallation } from "../present/app.ts";
import { presentRepository } from "../present/repository.ts";
import { presentUser } from "../present/users.ts";
import type { RepositoryRecord, UserRecord } from "../store/records.ts";

/**
 * Tells the app what happened on a repository, if it is installed there and subscribed. `body` is what the event has
 * beside repository, sender and installation.
 */
export function announce(
  github: GitHub,
  repository: RepositoryRecord,
  sender: UserRecord,
  event: string,
  action: string | undefined,
  body: Readonly<Record<string, unknown>>,
): void {
  const installation = github.store.installationOf(repository);
  if (installation === undefined || installation.suspended !== undefined) return;
  if (!github.store.directory.app.events.includes(event)) return;
  github.webhooks.send({
    event,
    action,
    installationId: installation.id,
    repositoryId: repository.id,
    payload: {
      ...(action === undefined ? {} : { action }),
      repository: presentRepository(github, repository),
      ...body,
      sender: presentUser(github, sender),
      installation: presentSimpleInstallation(installation),
    },
  });
}
