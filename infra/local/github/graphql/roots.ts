import { setDraft } from "../actions/edit-pull-request.ts";
import { actorOf, requireAccess } from "../auth/callers.ts";
import { readNodeId } from "../present/ids.ts";
import type { PullRequestRecord, RepositoryRecord } from "../store/records.ts";
import type { Budget } from "../calls.ts";
import { actorObject, viewerOf } from "./actors.ts";
import { field, type GraphObject, lazy, type Query, refused, Unimplemented } from "./fields.ts";
import { pullRequestObject } from "./pull-requests.ts";
import { requirePermission, visibleRepository } from "./access.ts";

/** What a query begins with. */
export function queryRoot(query: Query, budget: () => Budget): GraphObject {
  const { store } = query.github;
  return {
    __typename: "Query",
    viewer: lazy(() => actorObject(query, viewerOf(query))),
    rateLimit: field<{ dryRun?: boolean }>(["dryRun"], () => {
      const { limit, remaining, used, reset } = budget();
      const resetAt = new Date(reset * 1000).toISOString();
      return { __typename: "RateLimit", cost: 1, limit, remaining, used, resetAt, nodeCount: 0 };
    }),
    repository: field<{ owner: string; name: string; followRenames?: boolean }>(
      ["owner", "name", "followRenames"],
      ({ owner, name, followRenames }) => {
        const former = followRenames === false ? undefined : store.repositoryByFormerName(owner, name);
        const found = visibleRepository(query, store.repositoryByName(owner, name) ?? former);
        if (found !== undefined) return found;
        throw refused("NOT_FOUND", `Could not resolve to a Repository with the name '${owner}/${name}'.`);
      },
    ),
    node: field<{ id: string }>(["id"], ({ id }) => nodeObject(query, id)),
    nodes: field<{ ids: readonly string[] }>(["ids"], ({ ids }) => ids.map((id) => nodeOrError(query, id))),
  };
}

interface DraftArguments {
  readonly input: { readonly pullRequestId: string; readonly clientMutationId?: string };
}

/** What a mutation begins with. */
export function mutationRoot(query: Query): GraphObject {
  const change = (typename: string, draft: boolean) =>
    field<DraftArguments>(["input"], ({ input }) => {
      const { repository, pull } = pullRequestOf(query, input.pullRequestId);
      requireAccess(query.caller, repository, ["pull_requests:write"], "write");
      setDraft(query.github, actorOf(query.caller), repository, pull, draft);
      return {
        __typename: typename,
        clientMutationId: input.clientMutationId ?? null,
        pullRequest: pullRequestObject(query, repository, pull),
      };
    });
  return {
    __typename: "Mutation",
    convertPullRequestToDraft: change("ConvertPullRequestToDraftPayload", true),
    markPullRequestReadyForReview: change("MarkPullRequestReadyForReviewPayload", false),
  };
}

/** Of several nodes, one that is not there spoils only its own place. */
function nodeOrError(query: Query, id: string): GraphObject | Error {
  try {
    return nodeObject(query, id);
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

function nodeObject(query: Query, id: string): GraphObject {
  const named = readNodeId(id);
  const { store } = query.github;
  switch (named?.kind) {
    case "R": {
      const repository = visibleRepository(query, store.repositoryById(Number(named.ids[0])));
      if (repository === undefined) throw unresolved(id);
      return repository;
    }
    case "PR": {
      const { repository, pull } = pullRequestOf(query, id);
      requirePermission(query, repository, ["pull_requests:read"]);
      return pullRequestObject(query, repository, pull);
    }
    case "U":
    case "BOT":
      return actorObject(query, store.user(Number(named.ids[0])));
    case undefined:
      throw unresolved(id);
    default:
      throw new Unimplemented(`node(id) of the kind ${named?.kind}`);
  }
}

function pullRequestOf(
  query: Query,
  id: string,
): { readonly repository: RepositoryRecord; readonly pull: PullRequestRecord } {
  const { store } = query.github;
  const named = readNodeId(id);
  const [repositoryId, number] = named?.kind === "PR" ? named.ids : [];
  const repository = store.repositoryById(Number(repositoryId));
  const pull = repository === undefined ? undefined : store.pullRequest(repository, Number(number));
  if (repository === undefined || pull === undefined || visibleRepository(query, repository) === undefined) {
    throw unresolved(id);
  }
  return { repository, pull };
}

function unresolved(id: string) {
  return refused("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`);
}
