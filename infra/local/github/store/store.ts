import { join } from "node:path";
import { jsonFilesIn, readText, removeFile, writeJson } from "./files.ts";
import type {
  Directory,
  InstallationRecord,
  PullRequestRecord,
  RepositoryRecord,
  ThreadRecord,
  UserRecord,
} from "./records.ts";

/**
 * Everything the stand-in knows beside git: one JSON file for users, app and installations, and one for each
 * repository. Records are changed in place; whoever changes one says so (`changed`), and it is written before the
 * next turn of the event loop.
 */
export class Store {
  readonly directory: Directory;
  readonly #folder: string;
  readonly #repositories = new Map<number, RepositoryRecord>();
  readonly #unsaved = new Set<RepositoryRecord | "directory">();
  readonly #queues = new Map<number, Promise<unknown>>();
  readonly #listeners = new Set<() => void>();
  #saving = false;

  private constructor(folder: string, directory: Directory) {
    this.#folder = folder;
    this.directory = directory;
  }

  /** Opens the store of a folder; `seed` makes the directory of a new one. */
  static open(folder: string, seed: () => Directory): Store {
    // What these files hold is what `save` wrote.
    const known = readText(join(folder, "directory.json"));
    const directory: Directory = known === undefined ? seed() : JSON.parse(known);
    const store = new Store(folder, directory);
    for (const file of jsonFilesIn(join(folder, "repositories"))) {
      const repository: RepositoryRecord = JSON.parse(readText(file) ?? "");
      store.#repositories.set(repository.id, repository);
    }
    if (known === undefined) store.changed("directory");
    return store;
  }

  /** A number never given before, for ids of any kind: an id of one kind is never by chance one of another. */
  nextId(): number {
    this.directory.nextId += 1;
    this.changed("directory");
    return this.directory.nextId;
  }

  /** Marks a record as changed, so that it is written. */
  changed(what: RepositoryRecord | "directory"): void {
    this.#unsaved.add(what);
    if (this.#saving) return;
    this.#saving = true;
    setImmediate(() => this.save());
  }

  /** Writes what changed. */
  save(): void {
    this.#saving = false;
    const unsaved = [...this.#unsaved];
    this.#unsaved.clear();
    for (const what of unsaved) {
      if (what === "directory") writeJson(join(this.#folder, "directory.json"), this.directory);
      else if (this.#repositories.has(what.id)) writeJson(this.#fileOf(what.id), what);
    }
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` whenever changes were written, among them new deliveries. Returns how to stop that. */
  onSave(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Runs `work` when nothing else changes this repository's git side; the order is the order of asking. */
  exclusively<T>(repositoryId: number, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(repositoryId) ?? Promise.resolve();
    const result = before.then(work, work);
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.#queues.set(repositoryId, settled);
    return result;
  }

  repositories(): RepositoryRecord[] {
    return [...this.#repositories.values()];
  }

  repositoryById(id: number): RepositoryRecord | undefined {
    return this.#repositories.get(id);
  }

  /** The repository of that name, in whatever case it is written. */
  repositoryByName(owner: string, name: string): RepositoryRecord | undefined {
    const ownerId = this.userByLogin(owner)?.id;
    return this.repositories().find(
      (repository) => repository.ownerId === ownerId && repository.name.toLowerCase() === name.toLowerCase(),
    );
  }

  /** The repository that had this name before it was renamed. */
  repositoryByFormerName(owner: string, name: string): RepositoryRecord | undefined {
    const id = this.directory.formerNames[`${owner}/${name}`.toLowerCase()];
    return id === undefined ? undefined : this.#repositories.get(id);
  }

  addRepository(repository: RepositoryRecord): void {
    this.#repositories.set(repository.id, repository);
    this.changed(repository);
  }

  removeRepository(repository: RepositoryRecord): void {
    this.#repositories.delete(repository.id);
    removeFile(this.#fileOf(repository.id));
  }

  userByLogin(login: string): UserRecord | undefined {
    return this.directory.users.find((user) => user.login.toLowerCase() === login.toLowerCase());
  }

  /** The user of an id that some record names; users are never removed, so a missing one is our own mistake. */
  user(id: number): UserRecord {
    const user = this.directory.users.find((candidate) => candidate.id === id);
    if (user === undefined) throw new Error(`no user has the id ${id}`);
    return user;
  }

  installationOf(repository: RepositoryRecord): InstallationRecord | undefined {
    return this.directory.installations.find((installation) => installation.repositoryIds.includes(repository.id));
  }

  thread(repository: RepositoryRecord, number: number): ThreadRecord | undefined {
    return repository.threads.find((thread) => thread.number === number);
  }

  pullRequest(repository: RepositoryRecord, number: number): PullRequestRecord | undefined {
    const thread = this.thread(repository, number);
    return thread?.kind === "pull" ? thread : undefined;
  }

  pullRequests(repository: RepositoryRecord): PullRequestRecord[] {
    return repository.threads.filter((thread) => thread.kind === "pull");
  }

  #fileOf(repositoryId: number): string {
    return join(this.#folder, "repositories", `${repositoryId}.json`);
  }
}
