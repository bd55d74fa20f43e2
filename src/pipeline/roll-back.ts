import { isBeingDeleted, repositoryOf } from "../images/ledger.ts";
import { guard, violationsFailure } from "../objects/guard.ts";
import type { SourcedObject } from "../objects/kubernetes-object.ts";
import { labelObjects } from "../objects/label.ts";
import type { BuiltImage } from "../objects/place-images.ts";
import { containersOf, podTemplate } from "../objects/pod-template.ts";
import { textOf } from "../objects/read.ts";
import { objectsToRollBack } from "../objects/roll-back.ts";
import { type Failure, FailureError } from "../preview/failure.ts";
import { namespaceOf } from "../preview/names.ts";
import type { ImageStatus, Pinned } from "../preview/preview.ts";
import type { Registry } from "../ports/registry.ts";
import type { Attempt } from "./attempt.ts";
import { noticesToKeep } from "./notices.ts";
import { prepare } from "./prepare.ts";
import { start } from "./start.ts";
import type { World } from "./world.ts";

/**
 * Releases once more what an earlier revision was made of, as this attempt and under today's rules; resolves with the
 * images that it runs. Nothing is read of the repository and nothing is built.
 */
export async function rollBack(
  world: World,
  { pr, tier, progress, stages }: Attempt,
  pinned: Pinned,
  signal: AbortSignal,
): Promise<BuiltImage[]> {
  const record = progress.preview();
  const namespace = namespaceOf(record.name);
  const stored = await stages.measure("render", () =>
    world.releases.stored(namespace, pinned.release, pinned.revision, signal),
  );
  if (stored === undefined) throw new FailureError(notKept(pinned));
  const images = ownImages(stored, world.registry, pr.key.repository.id);
  // Recorded before it is asked whether they are there: from then on nobody deletes them.
  await progress.update({ images });
  await checkPresent(world, pr.key.repository.id, images, pinned, signal);
  const access = await stages.measure("prepare", () => prepare(world, { progress, tier, rebuild: undefined }, signal));
  try {
    const attempt = record.status.attempt ?? 0;
    const owner = { preview: record, namespace, commit: pinned.commit, attempt };
    const urls = record.status.urls ?? [];
    const hosts = urls.map(({ host }) => host);
    const judged = guard(labelObjects(objectsToRollBack(stored), owner), { namespace, hosts, kinds: [] });
    if (judged.violations.length > 0) throw new FailureError(violationsFailure(judged.violations));
    await progress.update({ phase: "Deploying", notices: noticesToKeep(judged.notices) });
    const { release } = pinned;
    await start(world, { namespace, release, objects: judged.kept, urls, attempt, progress, stages }, access, signal);
  } finally {
    await access.dispose();
  }
  return images.map(({ name, reference, digest }) => ({ name, reference: `${reference}@${digest ?? ""}` }));
}

function notKept({ revision }: Pinned): Failure {
  return {
    kind: "user",
    code: "revision-not-kept",
    what: `Revision ${revision} is not kept any more.`,
    remedy: "`/preview deploy` shows the newest commit again.",
  };
}

/** Those images of the objects that were built for this repository. */
function ownImages(objects: readonly SourcedObject[], registry: Registry, repositoryId: number): ImageStatus[] {
  const found = new Map<string, ImageStatus>();
  for (const { object } of objects) {
    const template = podTemplate(object);
    for (const { container } of template === undefined ? [] : containersOf(template)) {
      const [reference = "", digest] = (textOf(container["image"]) ?? "").split("@");
      const name = digest === undefined ? undefined : imageName(registry, repositoryId, reference);
      if (name !== undefined && digest !== undefined) {
        found.set(`${reference}@${digest}`, { name, reference, digest, outcome: "reused", seconds: 0 });
      }
    }
  }
  return [...found.values()].slice(0, 50);
}

/** By what name the registry has it, where it is one of this repository's. */
function imageName(registry: Registry, repositoryId: number, reference: string): string | undefined {
  const parts = repositoryOf(reference).split("/");
  const names = parts.map((_, index) => parts.slice(index).join("/"));
  return names.find((name) => registry.repository(repositoryId, name) === parts.join("/"));
}

async function checkPresent(
  world: World,
  repositoryId: number,
  images: readonly ImageStatus[],
  { revision }: Pinned,
  signal: AbortSignal,
): Promise<void> {
  const ledger = await world.ledger.read(repositoryId, signal);
  const now = world.clock.now();
  const present = await Promise.all(
    images.map(async ({ reference, digest = "" }) => {
      if (isBeingDeleted(ledger.get(reference), now)) return false;
      return (await world.registry.digest(`${repositoryOf(reference)}@${digest}`, signal)) !== undefined;
    }),
  );
  const missing = images.find((_, index) => present[index] === false);
  if (missing === undefined) return;
  throw new FailureError({
    kind: "user",
    code: "revision-image-gone",
    what: `The image \`${missing.name}\` of revision ${revision} is not in the registry any more.`,
    remedy: "`/preview deploy` shows the newest commit again; pushing the older one builds it anew.",
  });
}
