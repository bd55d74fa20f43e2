import { type GitHub, timestamp } from "../context.ts";
import { presentDeployment, presentDeploymentStatus } from "../present/deployments.ts";
import type {
  DeploymentRecord,
  DeploymentState,
  DeploymentStatusRecord,
  RepositoryRecord,
  UserRecord,
} from "../store/records.ts";
import { announce } from "../webhooks/events.ts";
import { bringUpToDate } from "./auto-merge.ts";
import { rememberEnvironment } from "./environments.ts";
import { Refusal } from "./refusal.ts";
import { exclusively, requireRole } from "./roles.ts";

export interface NewDeployment {
  readonly ref: string;
  readonly task?: string | undefined;
  readonly auto_merge?: boolean | undefined;
  /** Absent: every check of the commit must have succeeded. */
  readonly required_contexts?: readonly string[] | undefined;
  readonly payload?: unknown;
  readonly environment?: string | undefined;
  readonly description?: string | null | undefined;
  readonly transient_environment?: boolean | undefined;
  readonly production_environment?: boolean | undefined;
}

/** Makes a deployment; or, having merged the default branch into the ref instead, says so. */
export function createDeployment(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  wanted: NewDeployment,
): Promise<DeploymentRecord | { readonly merged: string }> {
  requireRole(repository, actor, "write");
  return exclusively(github, repository, async () => {
    const sha = await github.git.commitOf(repository.id, wanted.ref);
    if (sha === undefined) throw new Refusal(422, `No ref found for: ${wanted.ref}`);
    if (wanted.auto_merge ?? true) {
      const merged = await bringUpToDate(github, actor, repository, wanted.ref, sha);
      if (merged !== undefined) return { merged };
    }
    requireContexts(repository, wanted, sha);
    const deployment = newDeployment(github, actor, wanted, sha);
    repository.deployments.push(deployment);
    rememberEnvironment(repository, deployment.environment);
    github.store.changed(repository);
    announce(github, repository, actor, "deployment", "created", {
      deployment: presentDeployment(github, repository, deployment),
      workflow: null,
      workflow_run: null,
    });
    return deployment;
  });
}

function newDeployment(github: GitHub, actor: UserRecord, wanted: NewDeployment, sha: string): DeploymentRecord {
  const now = timestamp(github);
  const environment = wanted.environment ?? "production";
  return {
    id: github.store.nextId(),
    sha,
    ref: wanted.ref,
    task: wanted.task ?? "deploy",
    payload: wanted.payload ?? {},
    originalEnvironment: environment,
    creatorId: actor.id,
    description: wanted.description ?? null,
    transientEnvironment: wanted.transient_environment ?? false,
    productionEnvironment: wanted.production_environment ?? environment === "production",
    createdAt: now,
    environment,
    updatedAt: now,
    statuses: [],
  };
}

/** Refuses a commit whose checks have not succeeded: all of them, or those that were named. */
function requireContexts(repository: RepositoryRecord, wanted: NewDeployment, sha: string): void {
  const runs = repository.checkRuns.filter((run) => run.headSha === sha);
  const contexts = wanted.required_contexts ?? runs.map(({ name }) => name);
  const failing = contexts.filter((context) => {
    const run = runs.findLast(({ name }) => name === context);
    return run === undefined || !["success", "neutral", "skipped"].includes(run.conclusion ?? "");
  });
  if (failing.length === 0) return;
  throw new Refusal(409, `Conflict: Commit status checks failed for ${wanted.ref}.`, [
    { contexts: failing, resource: "Deployment", field: "required_contexts", code: "invalid" },
  ]);
}

export interface NewDeploymentStatus {
  readonly state: DeploymentState;
  readonly description?: string | undefined;
  readonly environment?: string | undefined;
  readonly environment_url?: string | undefined;
  readonly log_url?: string | undefined;
  readonly target_url?: string | undefined;
  readonly auto_inactive?: boolean | undefined;
}

/** Gives a deployment a state. A success retires the environment's older ones, except where GitHub does not. */
export function addDeploymentStatus(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  deployment: DeploymentRecord,
  wanted: NewDeploymentStatus,
): DeploymentStatusRecord {
  requireRole(repository, actor, "write");
  const status = record(github, actor, deployment, wanted);
  if (wanted.environment !== undefined) {
    deployment.environment = wanted.environment;
    rememberEnvironment(repository, wanted.environment);
  }
  if (wanted.state === "success" && (wanted.auto_inactive ?? true)) {
    for (const older of repository.deployments) {
      const retires =
        older.id < deployment.id &&
        older.environment === deployment.environment &&
        !older.transientEnvironment &&
        !older.productionEnvironment &&
        older.statuses.at(-1)?.state === "success";
      if (retires) record(github, actor, older, { state: "inactive" });
    }
  }
  github.store.changed(repository);
  announce(github, repository, actor, "deployment_status", "created", {
    deployment_status: presentDeploymentStatus(github, repository, deployment, status),
    deployment: presentDeployment(github, repository, deployment),
  });
  return status;
}

function record(
  github: GitHub,
  actor: UserRecord,
  deployment: DeploymentRecord,
  wanted: NewDeploymentStatus,
): DeploymentStatusRecord {
  const now = timestamp(github);
  const status: DeploymentStatusRecord = {
    id: github.store.nextId(),
    state: wanted.state,
    creatorId: actor.id,
    description: wanted.description ?? "",
    environment: wanted.environment ?? deployment.environment,
    environmentUrl: wanted.environment_url ?? "",
    logUrl: wanted.log_url ?? wanted.target_url ?? "",
    createdAt: now,
  };
  deployment.statuses.push(status);
  deployment.updatedAt = now;
  return status;
}

/** Deletes a deployment: an active one only if it is its environment's last. */
export function deleteDeployment(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  deployment: DeploymentRecord,
): void {
  requireRole(repository, actor, "write");
  const others = repository.deployments.filter(
    (other) => other !== deployment && other.environment === deployment.environment,
  );
  if (others.length > 0 && isActive(deployment)) {
    throw new Refusal(
      422,
      "We cannot delete an active deployment unless it is the only deployment in a given environment.",
    );
  }
  repository.deployments = repository.deployments.filter((other) => other !== deployment);
  github.store.changed(repository);
}

/** Whether a deployment is still in place, as far as its last state says. */
export function isActive(deployment: DeploymentRecord): boolean {
  return deployment.statuses.at(-1)?.state !== "inactive";
}
