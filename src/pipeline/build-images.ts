import { posix } from "node:path";
import { repositoryOf } from "../images/ledger.ts";
import type { BuiltImage } from "../objects/place-images.ts";
import type { ImageStatus } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import type { Checkout } from "../ports/checkouts.ts";
import { obtainImage } from "./obtain-image.ts";
import type { PlannedBuild } from "./plan-builds.ts";
import type { Progress } from "./progress.ts";
import { withScope } from "./scope.ts";
import { secondsSince } from "./stages.ts";
import type { World } from "./world.ts";

export type BuildInput = {
  pr: PullRequest;
  tier: "trusted" | "fork";
  checkout: Checkout;
  plan: readonly PlannedBuild[];
  progress: Progress;
};

/** Builds what has to be built, all at once, and returns every image of the project by digest. */
export async function buildImages(world: World, input: BuildInput, signal: AbortSignal): Promise<BuiltImage[]> {
  const { plan, progress } = input;
  const statuses = new Map(plan.map(({ status }) => [status.name, status]));
  const digests = new Map<string, string>();
  await withScope(signal, async (scope) => {
    /** Builds do not wait for the record; that a newer attempt owns it still ends them. */
    const show = (name: string, changes: Partial<ImageStatus>): void => {
      const before = statuses.get(name);
      if (before === undefined) return;
      statuses.set(name, { ...before, ...changes });
      const images = [...statuses.values()];
      void scope.run(() => progress.update({ images })).catch(() => undefined);
    };
    const building = plan.map(({ plan: image, status, fresh }) =>
      scope.run(async () => {
        if (image.do === "same") return;
        const started = world.clock.now().getTime();
        const seconds = () => secondsSince(world.clock, started);
        try {
          const { digest, built } = await obtain(
            world,
            input,
            { plan: image, status, fresh },
            () => show(status.name, { outcome: "building" }),
            scope.signal,
          );
          digests.set(status.name, digest);
          if (built) show(status.name, { outcome: "built", digest, seconds: seconds() });
          else if (image.do === "build") show(status.name, { outcome: "reused", digest, seconds: 0 });
        } catch (error) {
          if (!scope.signal.aborted) show(status.name, { outcome: "failed", seconds: seconds() });
          throw error;
        }
      }),
    );
    await Promise.all(building);
    for (const { plan: image, status } of plan) {
      const digest = image.do === "same" ? digests.get(image.as) : undefined;
      if (digest === undefined) continue;
      digests.set(status.name, digest);
      show(status.name, { outcome: "reused", digest, seconds: 0 });
    }
  });

  return plan.map(({ plan: image, status }) => {
    const digest = digests.get(status.name);
    if (digest === undefined) throw new Error(`${status.name} has no digest after the builds`);
    return { name: status.name, reference: `${image.reference}@${digest}` };
  });
}

async function obtain(
  world: World,
  { pr, tier, checkout }: BuildInput,
  { plan: { image, reference }, fresh }: PlannedBuild,
  onBuild: () => void,
  signal: AbortSignal,
): Promise<{ digest: string; built: boolean }> {
  const shared = `${repositoryOf(reference)}:cache`;
  // What a fork builds may be used by nobody else.
  const cache = world.rules.registryCache && tier === "trusted" ? shared : undefined;
  const build = async () => {
    onBuild();
    const { digest } = await world.builder.build(
      {
        reference,
        contextDirectory: posix.join(checkout.directory, image.context),
        dockerfile: posix.join(checkout.directory, image.dockerfile),
        dockerfileName: image.dockerfile,
        ...(image.target === undefined ? {} : { target: image.target }),
        args: image.args,
        platform: world.rules.platform,
        ...(world.rules.registryCache && {
          cache: { from: fresh ? [] : [shared], ...(cache !== undefined && { to: cache }) },
        }),
        labels: {},
        fresh,
      },
      ({ step, current, total }) => world.log.debug({ image: image.name, step, current, total }, "building"),
      signal,
    );
    return digest;
  };
  return await obtainImage(world, { repositoryId: pr.key.repository.id, reference, cache, fresh, build }, signal);
}
