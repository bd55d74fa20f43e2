import type { PreviewKey } from "../preview/key.ts";
import { namespaceOf } from "../preview/names.ts";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { environmentName } from "../report/deployment.ts";
import { publish } from "./publish.ts";
import type { World } from "./world.ts";

/**
 * Takes everything of a preview away: its namespace and accounts, GitHub's deployments, and last its record. Says that
 * it is gone only after that is proven.
 */
export async function remove(
  world: World,
  key: PreviewKey,
  pr: PullRequest | "gone",
  found: Preview,
  because: string,
  signal: AbortSignal,
): Promise<void> {
  const claimed = await world.records.claim(found, signal);
  const started = world.clock.now().getTime();
  let preview = await world.records.report(claimed, { phase: "Removing", reason: because }, signal);
  await world.cluster.remove(namespaceOf(preview.name), preview.uid, signal);
  const seconds = (world.clock.now().getTime() - started) / 1_000;
  world.log.info({ preview: preview.name, seconds, because }, "removed");
  if (pr !== "gone") {
    await world.pullRequests.retireDeployments(key, environmentName(key.number), undefined, signal);
    preview = { ...preview, status: { ...preview.status, stages: [{ name: "remove", seconds }] } };
    await publish(world, pr, preview, "removed", signal);
  }
  await world.records.remove(preview, signal);
}
