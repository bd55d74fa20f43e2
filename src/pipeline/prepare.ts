import { namespaceKit } from "../objects/namespace-kit.ts";
import { FailureError, failureOf } from "../preview/failure.ts";
import { deployerAccount, namespaceOf } from "../preview/names.ts";
import type { Preview, Rebuild } from "../preview/preview.ts";
import type { DeployerAccess } from "../ports/cluster.ts";
import { SupersededError } from "../ports/records.ts";
import type { Progress } from "./progress.ts";
import type { World } from "./world.ts";

export type Preparation = { progress: Progress; tier: "trusted" | "fork"; rebuild: Rebuild | undefined };

/** The namespace with its kit, and this attempt as the only one that may deploy into it. */
export async function prepare(
  world: World,
  { progress, tier, rebuild }: Preparation,
  signal: AbortSignal,
): Promise<DeployerAccess> {
  if (rebuild?.data === true && progress.preview().status.emptied !== rebuild.token) {
    await empty(world, progress, rebuild, signal);
  }
  const record = progress.preview();
  const namespace = namespaceOf(record.name);
  const pullSecret = await world.registry.pullSecret(signal);
  const kit = namespaceKit(record, { tier, pullSecret, ...world.rules.kit });
  await world.cluster.prepare(namespace, record.uid, kit, signal);
  const access = await world.cluster.takeOver(namespace, deployerAccount(record, record.status.attempt ?? 0), signal);
  const { asleep } = record.status;
  if (asleep !== undefined) {
    // A release only scales what the chart gives a number; what sleeps beside that would sleep on.
    await world.cluster.wake(namespace, asleep.workloads, signal);
    await progress.update({ asleep: undefined });
  }
  return access;
}

/**
 * Takes the namespace away as asked. Recorded before anything is made anew: interrupted before that, there is nothing to
 * lose yet, and after it nothing is deleted a second time.
 */
async function empty(world: World, progress: Progress, { token }: Rebuild, signal: AbortSignal): Promise<void> {
  const record: Preview = progress.preview();
  try {
    await world.cluster.remove(namespaceOf(record.name), record.uid, signal);
  } catch (error) {
    if (signal.aborted || error instanceof SupersededError) throw error;
    throw new FailureError({ ...failureOf(error), kind: "transient" }, { cause: error });
  }
  await progress.update({
    emptied: token,
    asleep: undefined,
    release: undefined,
    revisions: undefined,
    deployedCommit: undefined,
    deployedImages: undefined,
  });
}
