import type { GitHub } from "../context.ts";
import type { DeploymentRecord, DeploymentStatusRecord, RepositoryRecord } from "../store/records.ts";
import { presentApp } from "./app.ts";
import { nodeId } from "./ids.ts";
import { repositoryApi } from "./repository.ts";
import { presentUser } from "./users.ts";

export function presentDeployment(github: GitHub, repository: RepositoryRecord, deployment: DeploymentRecord) {
  const api = repositoryApi(github, repository);
  return {
    url: `${api}/deployments/${deployment.id}`,
    id: deployment.id,
    node_id: nodeId("DE", deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.originalEnvironment,
    environment: deployment.environment,
    description: deployment.description,
    creator: presentUser(github, github.store.user(deployment.creatorId)),
    created_at: deployment.createdAt,
    updated_at: deployment.updatedAt,
    statuses_url: `${api}/deployments/${deployment.id}/statuses`,
    repository_url: api,
    transient_environment: deployment.transientEnvironment,
    production_environment: deployment.productionEnvironment,
    performed_via_github_app: presentAppOf(github, deployment.creatorId),
  };
}

export function presentDeploymentStatus(
  github: GitHub,
  repository: RepositoryRecord,
  deployment: DeploymentRecord,
  status: DeploymentStatusRecord,
) {
  const api = repositoryApi(github, repository);
  return {
    url: `${api}/deployments/${deployment.id}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId("DES", status.id),
    state: status.state,
    creator: presentUser(github, github.store.user(status.creatorId)),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: `${api}/deployments/${deployment.id}`,
    repository_url: api,
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
    performed_via_github_app: presentAppOf(github, status.creatorId),
  };
}

function presentAppOf(github: GitHub, creatorId: number) {
  return creatorId === github.store.directory.app.botId ? presentApp(github) : null;
}
