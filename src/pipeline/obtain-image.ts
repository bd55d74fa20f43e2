import {
  beginBuild,
  type Changed,
  finishBuild,
  keepCache,
  type Ledger,
  repositoryOf,
  takeOverMs,
  touch,
} from "../images/ledger.ts";
import { FailureError } from "../preview/failure.ts";
import type { World } from "./world.ts";

const hourMs = 3_600_000;
const pollMs = 1_000;
/** More than one is needed only where a deletion comes between, which cannot happen to the same image for long. */
const mostRounds = 5;

export type WantedImage = {
  repositoryId: number;
  reference: string;
  /** Tag of the cache that the build writes, if it does. */
  cache: string | undefined;
  /** It is built in any case. */
  fresh: boolean;
  /** Builds and pushes, and resolves with the digest. */
  build: () => Promise<string>;
};

/**
 * Gives an image that is in the registry and stays there as long as a record names it: one that was built before, or a
 * new one. The record has to name the reference before this is called. A collector condemns an entry first and reads
 * the records then, so either it sees there that the image is wanted, or it is seen here that the image goes.
 */
export async function obtainImage(
  world: World,
  { repositoryId, reference, cache, fresh, build }: WantedImage,
  signal: AbortSignal,
): Promise<{ digest: string; built: boolean }> {
  const freshMs = Math.min(hourMs, world.rules.images.graceMs / 2);
  const update = (change: (ledger: Ledger, now: Date) => Changed) =>
    updateOnceFree(world, { repositoryId, reference }, change, signal);

  for (let round = 1; round <= mostRounds; round += 1) {
    const known = (await update((ledger, now) => touch(ledger, reference, now, freshMs))).get(reference);
    if (!fresh && known?.state === "kept" && known.digest !== undefined) {
      const present = await world.registry.digest(reference, signal);
      if (present === known.digest) return { digest: present, built: false };
    }
    await update((ledger, now) => {
      const announced = beginBuild(ledger, reference, now);
      return cache === undefined || announced === "wait" ? announced : keepCache(announced, cache, now, freshMs);
    });
    const digest = await build();
    await update((ledger, now) => finishBuild(ledger, reference, digest, now));
    // A deletion that was over before this was recorded may have taken the manifest along.
    const present = await world.registry.digest(`${repositoryOf(reference)}@${digest}`, signal);
    if (present !== undefined) return { digest, built: true };
    world.log.warn({ reference, round }, "an image was deleted while it was pushed; it is built again");
  }
  throw notObtained(reference);
}

/** Changes the ledger as soon as no deletion stands in the way. */
async function updateOnceFree(
  world: World,
  { repositoryId, reference }: Pick<WantedImage, "repositoryId" | "reference">,
  change: (ledger: Ledger, now: Date) => Changed,
  signal: AbortSignal,
): Promise<Ledger> {
  const giveUp = world.clock.now().getTime() + 2 * takeOverMs;
  for (;;) {
    let free = true;
    const attempt = (before: Ledger): Ledger => {
      const changed = change(before, world.clock.now());
      free = changed !== "wait";
      return changed === "wait" ? before : changed;
    };
    const ledger = await world.ledger.update(repositoryId, attempt, signal);
    if (free) return ledger;
    if (world.clock.now().getTime() > giveUp) throw notObtained(reference);
    await world.clock.wait(pollMs, signal);
  }
}

function notObtained(reference: string): FailureError {
  return new FailureError({
    kind: "transient",
    code: "image-being-deleted",
    what: `The image \`${reference}\` is being deleted from the registry.`,
    remedy: "It is tried again, and built anew then.",
  });
}
