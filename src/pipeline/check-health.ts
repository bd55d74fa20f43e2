import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { namespaceOf } from "../preview/names.ts";
import { diagnose } from "../rollout/diagnose.ts";
import { health } from "../rollout/health.ts";
import type { StatusChanges } from "./progress.ts";
import { isPublished, publish } from "./publish.ts";
import type { World } from "./world.ts";

/** The right commit runs: looks whether it is well, and makes record and GitHub say so where they do not. */
export async function checkHealth(world: World, pr: PullRequest, preview: Preview, signal: AbortSignal): Promise<void> {
  const changes = await judge(world, preview, signal);
  const current = changes === undefined ? preview : await world.records.report(preview, changes, signal);
  if (isPublished(world, pr, current)) return;
  const told = await publish(world, pr, current, "final", signal);
  await world.records.report(current, told, signal);
}

/** What the record has to say differently, or undefined where it is right. */
async function judge(world: World, preview: Preview, signal: AbortSignal): Promise<StatusChanges | undefined> {
  const { phase, failure, readyAt } = preview.status;
  const namespace = namespaceOf(preview.name);
  const clock = { readyAt: Date.parse(readyAt ?? preview.createdAt), now: world.clock.now().getTime() };
  for await (const view of world.cluster.observe(namespace, signal)) {
    const found = health(view, clock);
    if (found.state === "well") return phase === "Failing" ? { phase: "Ready", failure: undefined } : undefined;
    const { log } = found.suspect;
    const tail =
      log === undefined ? "" : await world.cluster.logTail(namespace, log.pod, log.container, log.previous, signal);
    const explained = diagnose(found.suspect, view, tail);
    // The same trouble is told once, however often the container starts anew and dies again.
    if (phase === "Failing" && failure?.code === explained.code && failure.where?.file === explained.where?.file) {
      return undefined;
    }
    return { phase: "Failing", failure: explained };
  }
  return undefined;
}
