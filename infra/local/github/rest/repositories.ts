import { invalid, notFound } from "../actions/refusal.ts";
import { changeRepository, deleteRepository, forkRepository, setCollaborator } from "../actions/repositories.ts";
import { requireRole, roleOf } from "../actions/roles.ts";
import type { Caller } from "../auth/callers.ts";
import type { GitHub } from "../context.ts";
import { presentFullRepository, presentRepository } from "../present/repository.ts";
import { presentUser } from "../present/users.ts";
import type { RepositoryRecord, Role, UserRecord } from "../store/records.ts";
import { json, noContent, page } from "./reply.ts";
import { type Route, repositoryRoute } from "./route.ts";

export const repositoryRoutes: readonly Route[] = [
  repositoryRoute("GET /repos/{owner}/{repo}", ["metadata:read"], ({ github, repository, caller }) =>
    json(presentFullRepository(github, repository, roleOfCaller(repository, caller))),
  ),
  repositoryRoute("PATCH /repos/{owner}/{repo}", ["administration:write"], async (call) => {
    const { github, repository, actor, parameters } = call;
    const { name, private: isPrivate, description, default_branch: defaultBranch } = parameters;
    await changeRepository(github, actor, repository, { name, private: isPrivate, description, defaultBranch });
    return json(presentFullRepository(github, repository, roleOfCaller(repository, call.caller)));
  }),
  repositoryRoute("DELETE /repos/{owner}/{repo}", ["administration:write"], async ({ github, actor, repository }) => {
    await deleteRepository(github, actor, repository);
    return noContent;
  }),
  repositoryRoute("POST /repos/{owner}/{repo}/forks", ["administration:write"], async (call) => {
    const { github, repository, actor, parameters } = call;
    const fork = await forkRepository(github, actor, repository, parameters.name);
    return json(presentFullRepository(github, fork, "admin"), 202);
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/forks", ["metadata:read"], ({ github, repository, parameters }) =>
    page(
      parameters,
      github.store.repositories().filter(({ parentId }) => parentId === repository.id),
      (fork) => presentRepository(github, fork),
    ),
  ),
  repositoryRoute("GET /repos/{owner}/{repo}/collaborators/{username}/permission", ["metadata:read"], (call) => {
    const { github, repository, parameters } = call;
    const user = userNamed(github, parameters.username);
    const role = roleOf(repository, user.id);
    return json({
      permission: legacyPermission(role),
      role_name: role ?? "none",
      user: { ...presentUser(github, user), ...presentRole(repository, user) },
    });
  }),
  repositoryRoute("PUT /repos/{owner}/{repo}/collaborators/{username}", ["administration:write"], (call) => {
    const { github, repository, actor, parameters } = call;
    const role = rolesByPermission[parameters.permission ?? "push"];
    if (role === undefined) throw invalid("Collaborator", "permission", "permission is not a role");
    setCollaborator(github, actor, repository, userNamed(github, parameters.username), role);
    return noContent;
  }),
  repositoryRoute("DELETE /repos/{owner}/{repo}/collaborators/{username}", ["administration:write"], (call) => {
    const { github, repository, actor, parameters } = call;
    setCollaborator(github, actor, repository, userNamed(github, parameters.username), undefined);
    return noContent;
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/collaborators", ["metadata:read"], (call) => {
    const { github, repository, actor, parameters } = call;
    requireRole(repository, actor, "write");
    const listed = github.store.directory.users.filter(
      ({ id }) => id === repository.ownerId || repository.collaborators[id] !== undefined,
    );
    return page(parameters, listed, (user) => ({ ...presentUser(github, user), ...presentRole(repository, user) }));
  }),
];

const rolesByPermission: Readonly<Record<string, Role>> = {
  pull: "read",
  triage: "triage",
  push: "write",
  maintain: "maintain",
  admin: "admin",
};

function userNamed(github: GitHub, login: string): UserRecord {
  const user = github.store.userByLogin(login);
  if (user === undefined) throw notFound();
  return user;
}

function presentRole(repository: RepositoryRecord, user: UserRecord) {
  const role = roleOf(repository, user.id);
  const is = (...roles: readonly Role[]): boolean => role !== undefined && roles.includes(role);
  return {
    permissions: {
      pull: role !== undefined,
      triage: is("triage", "write", "maintain", "admin"),
      push: is("write", "maintain", "admin"),
      maintain: is("maintain", "admin"),
      admin: is("admin"),
    },
    role_name: role ?? "none",
  };
}

/** The older of GitHub's two answers knows no triage and no maintain. */
function legacyPermission(role: Role | undefined): string {
  if (role === undefined) return "none";
  return { read: "read", triage: "read", write: "write", maintain: "write", admin: "admin" }[role];
}

function roleOfCaller(repository: RepositoryRecord, caller: Caller): Role | undefined {
  return caller.kind === "user" ? roleOf(repository, caller.user.id) : undefined;
}
