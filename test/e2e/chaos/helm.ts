import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import type { LabStatus } from "../../../infra/local/lab/status.ts";
import { at, text } from "../../../src/adapters/kubernetes/api-object.ts";
import { pathOf, resources } from "../../../src/adapters/kubernetes/resources.ts";
import { annotations } from "../../../src/objects/our-names.ts";
import { namespaceOf } from "../../../src/preview/names.ts";
import type { Actor, Ground } from "./ground.ts";

const run = promisify(execFile);
const history = z.array(z.object({ revision: z.int(), status: z.string() }));

/** The commit that the preview's Deployment is of. */
export async function deployedCommit({ api }: Ground, name: string): Promise<string> {
  const path = pathOf(resources.Deployment, namespaceOf(name), "hello");
  const live = await api.json({ path, signal: AbortSignal.timeout(5_000) });
  return text(at(live, "metadata", "annotations", annotations.commit));
}

/** What is wrong with the release of a preview that is ready. */
export async function problemsOfRelease(ground: Ground, actor: Actor): Promise<string[]> {
  const { name, status } = await ground.record(actor, "readiness", 20, ({ status: { phase } }) => phase === "Ready");
  const revisions = await historyOf(ground.lab, namespaceOf(name), status.release?.name ?? "");
  const last = revisions.at(-1)?.revision;
  const stale = last === status.release?.revision ? [] : [`the record says ${status.release?.revision}, Helm ${last}`];
  return [...problemsOf(revisions), ...stale];
}

/** Every revision that Helm knows of a release, oldest first. */
async function historyOf(lab: LabStatus, namespace: string, release: string) {
  const args = ["history", release, "--namespace", namespace, "--kubeconfig", lab.kubeconfig, "--output", "json"];
  return history.parse(JSON.parse((await run(lab.tools.helm, args)).stdout));
}

/** What a history has to be at rest: numbered without a gap, the last revision deployed, no other one, none pending. */
function problemsOf(revisions: z.infer<typeof history>): string[] {
  const numbers = revisions.map(({ revision }) => revision);
  const first = numbers[0] ?? 1;
  const gap = numbers.some((number, index) => number !== first + index);
  const wrong = revisions.filter(({ status }, index) =>
    index === revisions.length - 1 ? status !== "deployed" : !["superseded", "failed"].includes(status),
  );
  return [
    ...(gap ? [`numbered ${numbers.join(", ")}`] : []),
    ...wrong.map(({ revision, status }) => `revision ${revision} is ${status}`),
  ];
}
