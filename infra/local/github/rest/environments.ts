import { deleteEnvironment } from "../actions/environments.ts";
import { notFound } from "../actions/refusal.ts";
import { nodeId } from "../present/ids.ts";
import { repositoryApi, repositoryPage } from "../present/repository.ts";
import type { GitHub } from "../context.ts";
import type { RepositoryRecord } from "../store/records.ts";
import { json, noContent, page } from "./reply.ts";
import { type Route, repositoryRoute } from "./route.ts";

export const environmentRoutes: readonly Route[] = [
  repositoryRoute("GET /repos/{owner}/{repo}/environments", ["actions:read"], ({ github, repository, parameters }) =>
    page(
      parameters,
      repository.environments,
      (name) => presentEnvironment(github, repository, name),
      (environments, total) => ({ total_count: total, environments }),
    ),
  ),
  repositoryRoute("GET /repos/{owner}/{repo}/environments/{environment_name}", ["actions:read"], (call) => {
    const { github, repository, parameters } = call;
    if (!repository.environments.includes(parameters.environment_name)) throw notFound();
    return json(presentEnvironment(github, repository, parameters.environment_name));
  }),
  repositoryRoute("DELETE /repos/{owner}/{repo}/environments/{environment_name}", ["administration:write"], (call) => {
    const { github, repository, actor, parameters } = call;
    deleteEnvironment(github, actor, repository, parameters.environment_name);
    return noContent;
  }),
];

function presentEnvironment(github: GitHub, repository: RepositoryRecord, name: string) {
  const deployments = repository.deployments.filter(({ environment }) => environment === name);
  const encoded = encodeURIComponent(name);
  return {
    id: deployments[0]?.id ?? 0,
    node_id: nodeId("EN", repository.id, name),
    name,
    url: `${repositoryApi(github, repository)}/environments/${encoded}`,
    html_url: `${repositoryPage(github, repository)}/deployments/activity_log?environments_filter=${encoded}`,
    created_at: deployments[0]?.createdAt ?? repository.createdAt,
    updated_at: deployments.at(-1)?.updatedAt ?? repository.updatedAt,
    protection_rules: [],
    deployment_branch_policy: null,
  };
}
