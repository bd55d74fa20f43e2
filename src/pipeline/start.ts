import { annotations } from "../objects/our-names.ts";
import { type KubernetesObject, objectName, type SourcedObject } from "../objects/kubernetes-object.ts";
import { type Failure, FailureError } from "../preview/failure.ts";
import type { PreviewUrl } from "../preview/urls.ts";
import type { DeployerAccess } from "../ports/cluster.ts";
import { secretValues } from "../report/mask.ts";
import type { ClusterView } from "../rollout/cluster-view.ts";
import { blockingPods } from "../rollout/blocking-pods.ts";
import { missingService } from "../rollout/exposed.ts";
import { assess, type Assessment } from "../rollout/readiness.ts";
import { explain } from "./explain.ts";
import { noticesToKeep } from "./notices.ts";
import type { Progress } from "./progress.ts";
import { withScope } from "./scope.ts";
import type { Stages } from "./stages.ts";
import { withTicks } from "./ticks.ts";
import type { World } from "./world.ts";

export type Start = {
  namespace: string;
  release: string;
  objects: readonly SourcedObject[];
  urls: readonly PreviewUrl[];
  attempt: number;
  progress: Pick<Progress, "preview" | "update">;
  stages: Stages;
};

/**
 * Releases the objects and returns as soon as all of them are ready. Whatever can be seen to fail ends it at once with
 * its explanation, also while Helm still waits for a hook.
 */
export async function start(world: World, input: Start, access: DeployerAccess, outer: AbortSignal): Promise<void> {
  const { namespace, release, attempt, stages } = input;
  const objects = input.objects.map(({ object }) => object);
  const missing = missingService(objects, input.urls);
  if (missing !== undefined) throw new FailureError(missing);

  await withScope(outer, async (scope) => {
    const { signal } = scope;
    const startedAt = world.clock.now().getTime();
    const released = Promise.withResolvers<void>();
    let releasedAt = Number.POSITIVE_INFINITY;
    const isReleased = () => Number.isFinite(releasedAt);
    const lasting = objects.filter((object) => object.metadata.annotations?.["helm.sh/hook"] === undefined);

    const replaced = new Set<unknown>();
    const applied = new Set<KubernetesObject>();
    const watching = scope.run(async () => {
      for await (const seen of withTicks(world, world.cluster.observe(namespace, signal), released.promise, signal)) {
        const now = world.clock.now().getTime();
        const view = without(replaced, seen);
        const deadline = startedAt + world.rules.readySeconds * 1_000;
        // Before Helm has come to an object, what runs under its name is the last revision's and says nothing of this.
        const wanted = isReleased() ? lasting : objects.filter((object) => isApplied(object, view, attempt));
        for (const { pod } of blockingPods(wanted, view, now)) {
          const { name, uid } = pod.metadata;
          replaced.add(uid);
          await world.releases.replacePod(namespace, { name, uid: String(uid) }, access, signal);
        }
        for (const object of lasting) {
          if (!lastingKinds.has(object.kind)) continue;
          if (isApplied(object, view, attempt)) applied.add(object);
          else if (isThere(object, view)) continue;
          else if (applied.has(object) || now - releasedAt >= missingMs) {
            throw new FailureError(takenAway(object));
          }
        }
        const judged: Assessment = assess(wanted, without(replaced, view), { startedAt, now, deadline });
        if (judged.state === "failed") {
          throw new FailureError(await explain(world, namespace, judged.suspect, view, secretValues(objects), signal));
        }
        if (isReleased() && judged.state === "ready") return;
      }
      signal.throwIfAborted();
      throw new Error("the watch of the namespace ended by itself");
    });

    const { revision, notices } = await stages.measure("release", () =>
      world.releases.release(namespace, release, objects, access, signal),
    );
    releasedAt = world.clock.now().getTime();
    released.resolve();
    const known = input.progress.preview().status.notices ?? [];
    await input.progress.update({
      release: { name: release, revision },
      notices: noticesToKeep([...known, ...notices]),
    });
    await stages.measure("start", () => watching);
  });
}

/** What Helm has written and the watch of the cluster has not seen after so many milliseconds is not there any more. */
const missingMs = 10_000;
/** Kinds whose objects never go by themselves. */
const lastingKinds = new Set(["Deployment", "StatefulSet", "DaemonSet", "Service"]);

/** Says nothing of the pull request: somebody deleted the object, or the namespace with all that is in it. */
function takenAway(object: KubernetesObject): Failure {
  return {
    kind: "transient",
    code: "object-taken-away",
    what: `Somebody deleted \`${objectName(object)}\`, or its namespace, while the preview started.`,
    remedy: "It is made anew by itself.",
  };
}

function isThere({ kind, metadata: { name } }: KubernetesObject, view: ClusterView): boolean {
  return view.objects.some((live) => live.kind === kind && live.metadata.name === name);
}

/** Whether the object in the cluster is the one that this attempt released. */
function isApplied(object: KubernetesObject, view: ClusterView, attempt: number): boolean {
  return view.objects.some(
    (live) =>
      live.kind === object.kind &&
      live.metadata.name === object.metadata.name &&
      live.metadata.annotations?.[annotations.attempt] === String(attempt),
  );
}

/** The view as it is about to be: what was deleted may be seen for a moment longer. */
function without(deleted: ReadonlySet<unknown>, view: ClusterView): ClusterView {
  if (deleted.size === 0) return view;
  return { ...view, objects: view.objects.filter(({ metadata }) => !deleted.has(metadata["uid"])) };
}
