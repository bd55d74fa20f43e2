import { type GitHub, timestamp } from "../context.ts";
import { presentInstallation } from "../present/app.ts";
import { nodeId } from "../present/ids.ts";
import { fullName } from "../present/repository.ts";
import { presentUser } from "../present/users.ts";
import type { InstallationRecord, RepositoryRecord, UserRecord } from "../store/records.ts";

/** Adds a repository to its account's installation, which the first one makes. */
export function installApp(github: GitHub, owner: UserRecord, repository: RepositoryRecord): void {
  const { directory } = github.store;
  const known = directory.installations.find(({ accountId }) => accountId === owner.id);
  if (known !== undefined) {
    addToInstallation(github, owner, known, repository);
    return;
  }
  const now = timestamp(github);
  const installation: InstallationRecord = {
    id: github.store.nextId(),
    accountId: owner.id,
    createdAt: now,
    updatedAt: now,
    repositoryIds: [repository.id],
  };
  directory.installations.push(installation);
  github.store.changed("directory");
  announceInstallation(github, owner, installation, "created", {
    repositories: [summaryOf(github, repository)],
    requester: null,
  });
}

/** Lets the app see one repository more. */
export function addToInstallation(
  github: GitHub,
  sender: UserRecord,
  installation: InstallationRecord,
  repository: RepositoryRecord,
): void {
  if (installation.repositoryIds.includes(repository.id)) return;
  installation.repositoryIds.push(repository.id);
  announceRepositories(github, sender, installation, "added", repository);
}

/** Takes a repository from what the app may see. */
export function removeFromInstallation(
  github: GitHub,
  sender: UserRecord,
  installation: InstallationRecord,
  repository: RepositoryRecord,
): void {
  if (!installation.repositoryIds.includes(repository.id)) return;
  installation.repositoryIds = installation.repositoryIds.filter((id) => id !== repository.id);
  announceRepositories(github, sender, installation, "removed", repository);
}

/** Stops an installation without removing it, or lets it go on. */
export function setSuspended(
  github: GitHub,
  sender: UserRecord,
  installation: InstallationRecord,
  isSuspended: boolean,
): void {
  if (isSuspended === (installation.suspended !== undefined)) return;
  const now = timestamp(github);
  installation.suspended = isSuspended ? { at: now, byId: sender.id } : undefined;
  installation.updatedAt = now;
  github.store.changed("directory");
  announceInstallation(github, sender, installation, isSuspended ? "suspend" : "unsuspend", {});
}

/** Takes the app away from an account; its tokens are good for nothing from now on. */
export function uninstallApp(github: GitHub, sender: UserRecord, installation: InstallationRecord): void {
  const { directory } = github.store;
  directory.installations = directory.installations.filter((each) => each !== installation);
  directory.installationTokens = directory.installationTokens.filter(
    ({ installationId }) => installationId !== installation.id,
  );
  github.store.changed("directory");
  announceInstallation(github, sender, installation, "deleted", {});
}

function announceInstallation(
  github: GitHub,
  sender: UserRecord,
  installation: InstallationRecord,
  action: "created" | "deleted" | "suspend" | "unsuspend",
  more: Readonly<Record<string, unknown>>,
): void {
  github.webhooks.send({
    event: "installation",
    action,
    installationId: installation.id,
    repositoryId: undefined,
    payload: {
      action,
      installation: presentInstallation(github, installation),
      ...more,
      sender: presentUser(github, sender),
    },
  });
}

function announceRepositories(
  github: GitHub,
  sender: UserRecord,
  installation: InstallationRecord,
  action: "added" | "removed",
  repository: RepositoryRecord,
): void {
  installation.updatedAt = timestamp(github);
  github.store.changed("directory");
  const summary = summaryOf(github, repository);
  github.webhooks.send({
    event: "installation_repositories",
    action,
    installationId: installation.id,
    repositoryId: undefined,
    payload: {
      action,
      installation: presentInstallation(github, installation),
      repository_selection: "selected",
      repositories_added: action === "added" ? [summary] : [],
      repositories_removed: action === "removed" ? [summary] : [],
      requester: null,
      sender: presentUser(github, sender),
    },
  });
}

function summaryOf(github: GitHub, repository: RepositoryRecord) {
  return {
    id: repository.id,
    node_id: nodeId("R", repository.id),
    name: repository.name,
    full_name: fullName(github, repository),
    private: repository.private,
  };
}
