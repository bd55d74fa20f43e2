import { expect, test } from "vitest";
import { start } from "../../../src/pipeline/start.ts";
import { measureStages } from "../../../src/pipeline/stages.ts";
import type { Preview } from "../../../src/preview/preview.ts";
import { annotations } from "../../../src/objects/our-names.ts";
import type { KubernetesObject } from "../../../src/objects/kubernetes-object.ts";
import { fakeReleases } from "../../fakes/releases.ts";
import { preview } from "../gateway/sample.ts";
import { crashLoop, object, pod } from "../rollout/cluster.ts";
import { smallWorld } from "./small-world.ts";

const namespace = "preview-12-shop";

/** A database as its controllers leave it: its pod is replaced once nothing keeps it. */
function statefulSet(attempt: number): KubernetesObject {
  return object("apps/v1", "StatefulSet", "db", {
    metadata: { generation: attempt, annotations: { [annotations.attempt]: String(attempt) } },
    spec: { replicas: 1, updateStrategy: { type: "RollingUpdate" } },
  });
}

const asked = (revision: string, ready: boolean) => ({
  observedGeneration: 2,
  currentRevision: ready ? revision : "old",
  updateRevision: revision,
  readyReplicas: ready ? 1 : 0,
  availableReplicas: ready ? 1 : 0,
});

test("a pod that keeps a StatefulSet from its repair is replaced, once", { timeout: 5_000 }, async () => {
  const { world, kubernetes } = smallWorld();
  const replaced: string[] = [];
  const releases = fakeReleases(kubernetes, {
    becomes: (made) => ({ ...made, status: asked("new", false) }),
  });
  const signal = new AbortController().signal;
  await world.cluster.prepare(namespace, "uid", [], signal);
  const access = await world.cluster.takeOver(namespace, "12-shop-2", signal);
  const broken = pod(
    "StatefulSet/db",
    { containerStatuses: [crashLoop(1, 5)] },
    { name: "db-0", labels: { "controller-revision-hash": "old" } },
  );
  kubernetes.put(namespace, broken);

  const stages = measureStages(world.clock);
  try {
    await start(
      {
        ...world,
        releases: {
          ...releases,
          replacePod: async (where, which, own, stop) => {
            replaced.push(which.name);
            await releases.replacePod(where, which, own, stop);
            // What the StatefulSet's controller does then, a moment later.
            kubernetes.put(
              namespace,
              pod("StatefulSet/db", {}, { name: "db-0", labels: { "controller-revision-hash": "new" } }),
            );
            kubernetes.put(namespace, { ...statefulSet(2), status: asked("new", true) });
          },
        },
      },
      {
        namespace,
        release: "preview",
        objects: [{ object: statefulSet(2), file: "db.yaml" }],
        urls: [],
        attempt: 2,
        progress: {
          preview: (): Preview => preview("12-shop"),
          update: async () => undefined,
        },
        stages,
      },
      access,
      signal,
    );
  } finally {
    await access.dispose();
  }
  expect(replaced).toEqual(["db-0"]);
  expect(stages.finished().map(({ name }) => name)).toEqual(["release", "start"]);
});
