import { addToInstallation, removeFromInstallation, setSuspended, uninstallApp } from "../actions/installations.ts";
import { notFound, Refusal } from "../actions/refusal.ts";
import { actorOf } from "../auth/callers.ts";
import { mintInstallationToken } from "../auth/tokens.ts";
import type { GitHub } from "../context.ts";
import { presentApp, presentInstallation } from "../present/app.ts";
import { presentRepository } from "../present/repository.ts";
import type { AccessLevel, InstallationRecord, Permissions, RepositoryRecord, UserRecord } from "../store/records.ts";
import { created, json, noContent, page } from "./reply.ts";
import { type ApiCall, type Route, route } from "./route.ts";

export const appRoutes: readonly Route[] = [
  route("GET /app", "app", ({ github }) =>
    json({ ...presentApp(github), installations_count: github.store.directory.installations.length }),
  ),
  route("GET /app/installations", "app", ({ github, parameters }) =>
    page(parameters, github.store.directory.installations, (installation) => presentInstallation(github, installation)),
  ),
  route("GET /app/installations/{installation_id}", "app", ({ github, parameters }) =>
    json(presentInstallation(github, installationById(github, parameters.installation_id))),
  ),
  route("DELETE /app/installations/{installation_id}", "app", ({ github, parameters }) => {
    uninstallApp(github, ownerOfApp(github), installationById(github, parameters.installation_id));
    return noContent;
  }),
  route("PUT /app/installations/{installation_id}/suspended", "app", ({ github, parameters }) => {
    setSuspended(github, ownerOfApp(github), installationById(github, parameters.installation_id), true);
    return noContent;
  }),
  route("DELETE /app/installations/{installation_id}/suspended", "app", ({ github, parameters }) => {
    setSuspended(github, ownerOfApp(github), installationById(github, parameters.installation_id), false);
    return noContent;
  }),
  route("PUT /user/installations/{installation_id}/repositories/{repository_id}", "user", (call) => {
    const { user, installation, repository } = ownRepository(call);
    addToInstallation(call.github, user, installation, repository);
    return noContent;
  }),
  route("DELETE /user/installations/{installation_id}/repositories/{repository_id}", "user", (call) => {
    const { user, installation, repository } = ownRepository(call);
    removeFromInstallation(call.github, user, installation, repository);
    return noContent;
  }),
  route("GET /repos/{owner}/{repo}/installation", "app", ({ github, parameters: { owner, repo } }) => {
    const repository = github.store.repositoryByName(owner, repo);
    const installation = repository === undefined ? undefined : github.store.installationOf(repository);
    if (installation === undefined) throw notFound();
    return json(presentInstallation(github, installation));
  }),
  route("GET /users/{username}/installation", "app", ({ github, parameters: { username } }) => {
    const account = github.store.userByLogin(username);
    const installation = github.store.directory.installations.find(({ accountId }) => accountId === account?.id);
    if (installation === undefined) throw notFound();
    return json(presentInstallation(github, installation));
  }),
  route("POST /app/installations/{installation_id}/access_tokens", "app", (call) => {
    const { github, parameters } = call;
    const installation = installationById(github, parameters.installation_id);
    const repositoryIds = wantedRepositories(call, installation);
    const { token, record } = mintInstallationToken(github, installation, {
      repositoryIds,
      permissions: wantedPermissions(parameters.permissions),
    });
    return created({
      token,
      expires_at: record.expiresAt,
      permissions: record.permissions,
      repository_selection: "selected",
      ...(repositoryIds === undefined
        ? {}
        : { repositories: repositoriesOf(github, repositoryIds).map((each) => presentRepository(github, each)) }),
    });
  }),
  route("GET /installation/repositories", "installation", ({ github, caller, parameters }) => {
    if (caller.kind !== "installation") throw new Refusal(403, "Resource not accessible by integration");
    const ids = caller.token.repositoryIds ?? caller.installation.repositoryIds;
    return page(
      parameters,
      repositoriesOf(github, ids),
      (repository) => presentRepository(github, repository),
      (repositories, total) => ({ total_count: total, repository_selection: "selected", repositories }),
    );
  }),
  route("DELETE /installation/token", "installation", ({ github, caller }) => {
    if (caller.kind !== "installation") throw new Refusal(403, "Resource not accessible by integration");
    const { directory } = github.store;
    directory.installationTokens = directory.installationTokens.filter(({ digest }) => digest !== caller.token.digest);
    github.store.changed("directory");
    return noContent;
  }),
];

function installationById(github: GitHub, id: number): InstallationRecord {
  const installation = github.store.directory.installations.find((candidate) => candidate.id === id);
  if (installation === undefined) throw notFound();
  return installation;
}

function ownerOfApp({ store }: GitHub): UserRecord {
  return store.user(store.directory.app.ownerId);
}

/** What a person asks to be added or taken away: both the installation and the repository have to be that person's. */
function ownRepository({
  github,
  caller,
  parameters,
}: ApiCall<
  | "PUT /user/installations/{installation_id}/repositories/{repository_id}"
  | "DELETE /user/installations/{installation_id}/repositories/{repository_id}"
>) {
  const user = actorOf(caller);
  const installation = installationById(github, parameters.installation_id);
  const repository = github.store.repositoryById(parameters.repository_id);
  if (installation.accountId !== user.id || repository?.ownerId !== user.id) throw notFound();
  return { user, installation, repository };
}

function repositoriesOf(github: GitHub, ids: readonly number[]): RepositoryRecord[] {
  return ids.flatMap((id) => github.store.repositoryById(id) ?? []);
}

function wantedRepositories(
  { github, parameters }: ApiCall<"POST /app/installations/{installation_id}/access_tokens">,
  installation: InstallationRecord,
): number[] | undefined {
  const { repositories, repository_ids: ids } = parameters;
  if (repositories === undefined) return ids;
  const account = github.store.user(installation.accountId);
  // A name that leads nowhere becomes an id that no installation has, and is refused as such.
  const named = repositories.map((name) => github.store.repositoryByName(account.login, name)?.id ?? 0);
  return [...named, ...(ids ?? [])];
}

function wantedPermissions(wanted: Readonly<Record<string, string>> | undefined): Permissions | undefined {
  if (wanted === undefined) return undefined;
  const levels = Object.entries(wanted).map(([name, level]): [string, AccessLevel] => {
    if (level === "read" || level === "write") return [name, level];
    throw new Refusal(422, "The permissions requested are not granted to this installation.");
  });
  return Object.fromEntries(levels);
}
