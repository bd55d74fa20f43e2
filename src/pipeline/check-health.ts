import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { namespaceOf } from "../preview/names.ts";
import { health } from "../rollout/health.ts";
import { expiryStatus } from "../policy/lifetime.ts";
import { explain } from "./explain.ts";
import { claimAsRead } from "./open-record.ts";
import type { StatusChanges } from "./progress.ts";
import { isPublished, publish } from "./publish.ts";
import { wake } from "./wake.ts";
import type { World } from "./world.ts";

/**
 * The right commit runs: looks whether it is well, and makes record and GitHub say so where they do not. Answers
 * `missing` where the preview's service is not there any more, so that somebody has to deploy it anew.
 */
export async function checkHealth(
  world: World,
  pr: PullRequest,
  preview: Preview,
  signal: AbortSignal,
): Promise<"told" | { missing: Preview }> {
  // Somebody who was held up while putting it to sleep may have done so after another one had deployed it.
  const asleep = await world.cluster.asleep(namespaceOf(preview.name), signal);
  if (asleep.length > 0) return await wake(world, pr, preview, signal);
  const changes = await judge(world, preview, signal);
  if (changes === "missing") return { missing: preview };
  const due = { ...changes, ...newEnd(world, preview) };
  const current = Object.keys(due).length === 0 ? preview : await world.records.report(preview, due, signal);
  if (!isPublished(world, pr, current)) await tell(world, pr, current, signal);
  return "told";
}

/** Says on GitHub what the record says. Whoever was stopped while it said so notices that, and asks for another look. */
export async function tell(world: World, pr: PullRequest, preview: Preview, signal: AbortSignal): Promise<void> {
  const own = await claimAsRead(world, preview, signal);
  const told = await publish(world, pr, own, "final", signal);
  await world.records.report(own, told, signal);
}

/** When the preview goes, where somebody has used it since that was last worked out, or has to be warned now. */
function newEnd({ clock, rules }: World, preview: Preview): StatusChanges {
  const { expiresAt, warnedFor } = preview.status;
  const end = expiryStatus(preview, rules.lifetime, clock.now());
  return end.expiresAt === expiresAt && end.warnedFor === warnedFor ? {} : end;
}

/** What the record has to say differently, or undefined where it is right. */
async function judge(
  world: World,
  preview: Preview,
  signal: AbortSignal,
): Promise<StatusChanges | "missing" | undefined> {
  const { phase, failure, readyAt, urls } = preview.status;
  const services = urls?.map(({ service }) => service) ?? [];
  const namespace = namespaceOf(preview.name);
  const clock = { readyAt: Date.parse(readyAt ?? preview.createdAt), now: world.clock.now().getTime() };
  for await (const view of world.cluster.observe(namespace, signal)) {
    const present = view.objects.filter((object) => object.kind === "Service").map((object) => object.metadata.name);
    if (services.some((service) => !present.includes(service))) return "missing";
    const found = health(view, clock);
    if (found.state === "well") return phase === "Failing" ? { phase: "Ready", failure: undefined } : undefined;
    const explained = await explain(world, namespace, found.suspect, view, [], signal);
    // The same trouble is told once, however often the container starts anew and dies again.
    if (phase === "Failing" && failure?.code === explained.code && failure.where?.file === explained.where?.file) {
      return undefined;
    }
    return { phase: "Failing", failure: explained };
  }
  return undefined;
}
