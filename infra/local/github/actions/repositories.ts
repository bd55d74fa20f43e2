import { type GitHub, timestamp } from "../context.ts";
import { fullName } from "../present/repository.ts";
import type { RepositoryRecord, Role, UserRecord } from "../store/records.ts";
import { people } from "../store/seed.ts";
import { installApp } from "./installations.ts";
import { invalid, Refusal } from "./refusal.ts";
import { exclusively, requireRole } from "./roles.ts";

export interface NewRepository {
  readonly name: string;
  readonly private?: boolean | undefined;
  readonly description?: string | null | undefined;
}

const namePattern = /^[A-Za-z0-9._-]{1,100}$/;

/**
 * Makes a repository, gives the other people their usual roles, and installs the app on it. It is empty, or has all
 * that git knows of another one.
 */
export async function createRepository(
  github: GitHub,
  owner: UserRecord,
  { name, private: isPrivate = false, description = null }: NewRepository,
  likeInGit?: RepositoryRecord,
): Promise<RepositoryRecord> {
  checkName(github, owner, name);
  const repository = newRepository(github, owner, {
    name,
    isPrivate,
    description,
    parentId: null,
    defaultBranch: "main",
  });
  for (const person of people) {
    const user = github.store.userByLogin(person.login);
    if (user !== undefined && user.id !== owner.id) repository.collaborators[user.id] = person.role;
  }
  if (likeInGit === undefined) await github.git.create(repository.id, repository.defaultBranch);
  else await github.git.duplicate(likeInGit.id, repository.id);
  github.store.addRepository(repository);
  installApp(github, owner, repository);
  return repository;
}

/** Copies a repository to another account. The app is not installed on the copy: its owner did not ask for it. */
export function forkRepository(
  github: GitHub,
  actor: UserRecord,
  parent: RepositoryRecord,
  name: string = parent.name,
): Promise<RepositoryRecord> {
  requireRole(parent, actor, "read");
  if (parent.ownerId === actor.id) throw new Refusal(403, "You cannot fork your own repository here.");
  return exclusively(github, parent, async () => {
    const known = github.store
      .repositories()
      .find((repository) => repository.parentId === parent.id && repository.ownerId === actor.id);
    if (known !== undefined) return known;
    checkName(github, actor, name);
    const fork = newRepository(github, actor, {
      name,
      isPrivate: parent.private,
      description: parent.description,
      parentId: parent.id,
      defaultBranch: parent.defaultBranch,
    });
    await github.git.create(fork.id, fork.defaultBranch);
    await github.git.copyRefs(parent.id, fork.id);
    github.store.addRepository(fork);
    return fork;
  });
}

export interface RepositoryChanges {
  readonly name?: string | undefined;
  readonly private?: boolean | undefined;
  readonly description?: string | undefined;
  readonly defaultBranch?: string | undefined;
}

/** Renames a repository or changes its settings; its former name keeps leading to it. */
export async function changeRepository(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  changes: RepositoryChanges,
): Promise<void> {
  requireRole(repository, actor, "admin");
  const { name, defaultBranch } = changes;
  if (name !== undefined && name !== repository.name) {
    checkName(github, github.store.user(repository.ownerId), name);
    github.store.directory.formerNames[fullName(github, repository).toLowerCase()] = repository.id;
    repository.name = name;
    github.store.changed("directory");
  }
  if (defaultBranch !== undefined) {
    if ((await github.git.branch(repository.id, defaultBranch)) === undefined) {
      throw invalid("Repository", "default_branch", `The branch ${defaultBranch} was not found.`);
    }
    repository.defaultBranch = defaultBranch;
  }
  repository.private = changes.private ?? repository.private;
  repository.description = changes.description ?? repository.description;
  repository.updatedAt = timestamp(github);
  github.store.changed(repository);
}

/** Removes a repository; pull requests that came from it stay, without it. */
export async function deleteRepository(github: GitHub, actor: UserRecord, repository: RepositoryRecord): Promise<void> {
  requireRole(repository, actor, "admin");
  const installation = github.store.installationOf(repository);
  if (installation !== undefined) {
    installation.repositoryIds = installation.repositoryIds.filter((id) => id !== repository.id);
    github.store.changed("directory");
  }
  for (const other of github.store.repositories()) {
    for (const pull of github.store.pullRequests(other)) {
      if (pull.head.repositoryId === repository.id && other.id !== repository.id) pull.head.repositoryId = null;
    }
    github.store.changed(other);
  }
  github.store.removeRepository(repository);
  await github.git.remove(repository.id);
}

/** Gives a person a role on a repository, or takes it away. */
export function setCollaborator(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  user: UserRecord,
  role: Role | undefined,
): void {
  requireRole(repository, actor, "admin");
  if (role === undefined) delete repository.collaborators[user.id];
  else repository.collaborators[user.id] = role;
  github.store.changed(repository);
}

function checkName(github: GitHub, owner: UserRecord, name: string): void {
  if (!namePattern.test(name) || name === "." || name === "..") {
    throw invalid("Repository", "name", "name is not a valid repository name");
  }
  if (github.store.repositoryByName(owner.login, name) !== undefined) {
    throw invalid("Repository", "name", "name already exists on this account");
  }
}

function newRepository(
  github: GitHub,
  owner: UserRecord,
  given: {
    readonly name: string;
    readonly isPrivate: boolean;
    readonly description: string | null;
    readonly parentId: number | null;
    readonly defaultBranch: string;
  },
): RepositoryRecord {
  const now = timestamp(github);
  return {
    id: github.store.nextId(),
    ownerId: owner.id,
    createdAt: now,
    parentId: given.parentId,
    name: given.name,
    private: given.isPrivate,
    description: given.description,
    defaultBranch: given.defaultBranch,
    updatedAt: now,
    pushedAt: now,
    collaborators: {},
    nextNumber: 1,
    labels: [],
    threads: [],
    checkRuns: [],
    deployments: [],
    environments: [],
  };
}
