import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import type { LabStatus } from "../lab/status.ts";
import { type Solve, solves } from "../supply/history.ts";
import type { PullRequestRef } from "./conversation.ts";
import type { Person } from "./person.ts";

const run = promisify(execFile);

/** What is looked for after a pull request is closed, each with the names of what was found. */
export type Leftovers = {
  records: string[];
  namespaces: string[];
  releases: string[];
  accounts: string[];
  solves: string[];
  deployments: string[];
};

/** Runs kubectl against the lab's cluster and reads its JSON by a schema. */
export async function kubectlJson<T>(lab: LabStatus, args: string[], schema: z.ZodType<T>): Promise<T> {
  const { stdout } = await run(lab.tools.kubectl, ["--kubeconfig", lab.kubeconfig, ...args, "-o", "json"], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return schema.parse(JSON.parse(stdout));
}

const namedList = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

/** Names of the objects that `kubectl get` finds. */
async function names(lab: LabStatus, ...args: string[]): Promise<string[]> {
  const list = await kubectlJson(lab, ["get", ...args], namedList);
  return list.items.map((item) => item.metadata.name);
}

/** Everything of one preview that can still be found anywhere. `recordName` is what its host name began with. */
export async function leftovers(
  lab: LabStatus,
  who: Person,
  pr: PullRequestRef,
  recordName: string,
): Promise<Leftovers> {
  const namespace = `preview-${recordName}`;
  const [records, namespaces, secrets, accounts, building, deployments] = await Promise.all([
    names(lab, "previews", "-A"),
    names(lab, "namespaces"),
    names(lab, "secrets", "-n", namespace),
    names(lab, "serviceaccounts", "-n", "greenroom-deployers"),
    runningSolves(lab),
    activeDeployments(who, pr),
  ]);
  return {
    records: records.filter((name) => name === recordName),
    namespaces: namespaces.filter((name) => name === namespace),
    releases: secrets.filter((name) => name.startsWith("sh.helm.release.")),
    accounts: accounts.filter((name) => name.startsWith(`${recordName}-`)),
    solves: building,
    deployments,
  };
}

/** The same as one line for each kind of thing that is left; empty when nothing is. */
export function leftoverLines(found: Leftovers): string[] {
  return Object.entries(found).flatMap(([kind, list]) => (list.length === 0 ? [] : [`${kind}: ${list.join(", ")}`]));
}

/** References of the solves that BuildKit works on now. */
async function runningSolves(lab: LabStatus): Promise<string[]> {
  const all = await solves(lab.tools.buildctl, lab.buildkit, AbortSignal.timeout(30_000));
  return all.filter(({ ended }) => ended === null).map(({ ref }) => ref);
}

/** The solves of one repository's images that began after a moment. Others may build on the same BuildKit. */
export async function solvesSince(lab: LabStatus, repositoryId: number, since: Date): Promise<Solve[]> {
  const all = await solves(lab.tools.buildctl, lab.buildkit, AbortSignal.timeout(30_000));
  return all.filter(
    ({ images, started }) => started > since.getTime() && images.some((image) => image.includes(`/${repositoryId}/`)),
  );
}

async function activeDeployments(who: Person, pr: PullRequestRef): Promise<string[]> {
  const where = { owner: pr.owner, repo: pr.repo };
  const { data } = await who.octokit.repos.listDeployments({ ...where, environment: `preview/pr-${pr.number}` });
  const active: string[] = [];
  for (const deployment of data) {
    const { data: statuses } = await who.octokit.repos.listDeploymentStatuses({
      ...where,
      deployment_id: deployment.id,
    });
    if (statuses[0]?.state !== "inactive") active.push(String(deployment.id));
  }
  return active;
}
