import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { isPublished, publish } from "./publish.ts";
import type { World } from "./world.ts";

/** The right commit runs: makes GitHub say what the record says, where it does not. */
export async function checkHealth(world: World, pr: PullRequest, preview: Preview, signal: AbortSignal): Promise<void> {
  if (isPublished(world, pr, preview)) return;
  const told = await publish(world, pr, preview, "final", signal);
  await world.records.report(preview, told, signal);
}
