import { addDeploymentStatus, createDeployment, deleteDeployment } from "../actions/deployments.ts";
import { notFound } from "../actions/refusal.ts";
import { presentDeployment, presentDeploymentStatus } from "../present/deployments.ts";
import type { DeploymentRecord, RepositoryRecord } from "../store/records.ts";
import { created, json, noContent, page } from "./reply.ts";
import { type Route, repositoryRoute } from "./route.ts";

const read = ["deployments:read"] as const;
const write = ["deployments:write"] as const;

export const deploymentRoutes: readonly Route[] = [
  repositoryRoute("GET /repos/{owner}/{repo}/deployments", read, ({ github, repository, parameters }) => {
    const { sha, ref, task, environment } = parameters;
    const wanted = repository.deployments
      .filter(
        (each) =>
          fits(sha, each.sha) && fits(ref, each.ref) && fits(task, each.task) && fits(environment, each.environment),
      )
      .toReversed();
    return page(parameters, wanted, (deployment) => presentDeployment(github, repository, deployment));
  }),
  repositoryRoute("POST /repos/{owner}/{repo}/deployments", write, async (call) => {
    const { github, repository, actor, parameters } = call;
    const outcome = await createDeployment(github, actor, repository, { ...parameters });
    if ("merged" in outcome) return json({ message: outcome.merged }, 202);
    const presented = presentDeployment(github, repository, outcome);
    return created(presented, presented.url);
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/deployments/{deployment_id}", read, (call) =>
    json(presentDeployment(call.github, call.repository, deploymentOf(call))),
  ),
  repositoryRoute("DELETE /repos/{owner}/{repo}/deployments/{deployment_id}", write, (call) => {
    deleteDeployment(call.github, call.actor, call.repository, deploymentOf(call));
    return noContent;
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", read, (call) => {
    const { github, repository, parameters } = call;
    const deployment = deploymentOf(call);
    return page(parameters, deployment.statuses.toReversed(), (status) =>
      presentDeploymentStatus(github, repository, deployment, status),
    );
  }),
  repositoryRoute("POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", write, (call) => {
    const { github, repository, actor, parameters } = call;
    const deployment = deploymentOf(call);
    const status = addDeploymentStatus(github, actor, repository, deployment, { ...parameters });
    const presented = presentDeploymentStatus(github, repository, deployment, status);
    return created(presented, presented.url);
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses/{status_id}", read, (call) => {
    const { github, repository, parameters } = call;
    const deployment = deploymentOf(call);
    const status = deployment.statuses.find(({ id }) => id === parameters.status_id);
    if (status === undefined) throw notFound();
    return json(presentDeploymentStatus(github, repository, deployment, status));
  }),
];

/** Whether a filter lets a value pass; "none" is GitHub's word for no filter. */
function fits(wanted: string | null | undefined, value: string): boolean {
  return wanted === undefined || wanted === null || wanted === "none" || wanted === value;
}

interface DeploymentCall {
  readonly repository: RepositoryRecord;
  readonly parameters: { readonly deployment_id: number };
}

function deploymentOf({ repository, parameters }: DeploymentCall): DeploymentRecord {
  const deployment = repository.deployments.find(({ id }) => id === parameters.deployment_id);
  if (deployment === undefined) throw notFound();
  return deployment;
}
