import { roleOf } from "../actions/roles.ts";
import { requirePermission, visibleRepository } from "./access.ts";
import { nodeId } from "../present/ids.ts";
import { fullName, includesRole, repositoryPage } from "../present/repository.ts";
import type { RepositoryRecord } from "../store/records.ts";
import { actorObject } from "./actors.ts";
import {
  connection,
  field,
  type GraphObject,
  lazy,
  type PageArguments,
  pageArguments,
  type Query,
  refused,
} from "./fields.ts";
import { gitObject, type ObjectArguments, refObject } from "./git-objects.ts";
import { labelObject } from "./labels.ts";
import { type PullRequestsArguments, pullRequestObject, selectPullRequests } from "./pull-requests.ts";

export function repositoryObject(query: Query, repository: RepositoryRecord): GraphObject {
  const { github } = query;
  const { store } = github;
  const url = repositoryPage(github, repository);
  const owner = store.user(repository.ownerId);
  const parent = repository.parentId === null ? undefined : store.repositoryById(repository.parentId);
  return {
    __typename: "Repository",
    id: nodeId("R", repository.id),
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: fullName(github, repository),
    description: repository.description,
    url,
    resourcePath: new URL(url).pathname,
    isPrivate: repository.private,
    isFork: repository.parentId !== null,
    isArchived: false,
    isDisabled: false,
    visibility: repository.private ? "PRIVATE" : "PUBLIC",
    createdAt: repository.createdAt,
    updatedAt: repository.updatedAt,
    pushedAt: repository.pushedAt,
    owner: lazy(() => actorObject(query, owner)),
    parent: lazy(() => visibleRepository(query, parent) ?? null),
    viewerPermission: lazy(() => viewerPermission(query, repository)),
    defaultBranchRef: lazy(() => refObject(query, repository, repository.defaultBranch)),
    ref: field<{ qualifiedName: string }>(["qualifiedName"], ({ qualifiedName }) =>
      refObject(query, repository, qualifiedName.replace(/^refs\/heads\//, "")),
    ),
    object: field<ObjectArguments>(["expression", "oid"], (args) => gitObject(query, repository, args)),
    label: field<{ name: string }>(["name"], ({ name }) => {
      const label = repository.labels.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
      return label === undefined ? null : labelObject(query, repository, label);
    }),
    pullRequest: field<{ number: number }>(["number"], ({ number }) => {
      requirePermission(query, repository, ["pull_requests:read"]);
      const pull = store.pullRequest(repository, number);
      if (pull !== undefined) return pullRequestObject(query, repository, pull);
      throw refused("NOT_FOUND", `Could not resolve to a PullRequest with the number of ${number}.`);
    }),
    pullRequests: field<PullRequestsArguments & PageArguments>(
      [...pageArguments, "states", "headRefName", "baseRefName", "labels", "orderBy"],
      (args) => {
        requirePermission(query, repository, ["pull_requests:read"]);
        const pulls = selectPullRequests(query, repository, args);
        return connection("PullRequestConnection", pulls, args, (pull) => pullRequestObject(query, repository, pull));
      },
    ),
    collaborators: field<PageArguments & { query?: string; login?: string }>(
      [...pageArguments, "query", "login"],
      (args) => collaborators(query, repository, args),
    ),
  };
}

function collaborators(
  query: Query,
  repository: RepositoryRecord,
  args: PageArguments & { readonly query?: string; readonly login?: string },
): GraphObject {
  const matches = (login: string): boolean =>
    (args.login === undefined || login.toLowerCase() === args.login.toLowerCase()) &&
    (args.query === undefined || login.toLowerCase().includes(args.query.toLowerCase()));
  const people = query.github.store.directory.users.filter(
    ({ id, login }) => (id === repository.ownerId || repository.collaborators[id] !== undefined) && matches(login),
  );
  return connection(
    "RepositoryCollaboratorConnection",
    people,
    args,
    (user) => actorObject(query, user),
    (user) => ({ permission: roleOf(repository, user.id)?.toUpperCase() }),
  );
}

function viewerPermission({ caller }: Query, repository: RepositoryRecord): string | null {
  const role = caller.kind === "user" ? roleOf(repository, caller.user.id) : undefined;
  return includesRole(role, "read") ? (role?.toUpperCase() ?? null) : null;
}
