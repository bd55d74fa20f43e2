import { expect, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { apiObject } from "../../src/adapters/kubernetes/api-object.ts";
import { pathOf, resources } from "../../src/adapters/kubernetes/resources.ts";
import { annotations } from "../../src/objects/our-names.ts";
import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";
import { measureStages } from "../../src/pipeline/stages.ts";
import { start } from "../../src/pipeline/start.ts";
import { FailureError } from "../../src/preview/failure.ts";
import { preview } from "../core/gateway/sample.ts";
import { smallWorld } from "../core/pipeline/small-world.ts";
import { arrangeReleases } from "./arrange-releases.ts";
import { kubernetesLab } from "./kubernetes-lab.ts";

const signal = AbortSignal.timeout(170_000);

/** A database with a volume of its own, which each pod that comes up writes its name for. */
function database(namespace: string, attempt: number, image: string, script: string): KubernetesObject[] {
  const metadata = { name: "db", namespace, annotations: { [annotations.attempt]: String(attempt) } };
  return [
    { apiVersion: "v1", kind: "Service", metadata, spec: { clusterIP: "None", selector: { app: "db" } } },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata,
      spec: {
        replicas: 1,
        serviceName: "db",
        selector: { matchLabels: { app: "db" } },
        template: {
          metadata: { labels: { app: "db" } },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: "main",
                image,
                command: ["sh", "-c", script],
                volumeMounts: [{ name: "data", mountPath: "/data" }],
              },
            ],
          },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
          },
        ],
      },
    },
  ];
}

const works = "echo up; exec sleep 3600";

test.each([
  ["an image that is not there", "busybox:never-made", works],
  ["a crash loop", "busybox:1.37", "echo no; exit 1"],
])(
  "a StatefulSet whose pod is broken by %s is repaired by the next commit, and keeps its claim",
  async (_, image, script) => {
    const lab = await kubernetesLab();
    const { namespace, cluster, releases, takeOver, dispose } = await arrangeReleases(lab, "broken-set", signal);
    const { world } = smallWorld();
    const deploy = async (attempt: number, objects: KubernetesObject[]): Promise<void> => {
      const access = await takeOver();
      try {
        await start(
          { ...world, cluster, releases, clock: systemClock, rules: { ...world.rules, readySeconds: 60 } },
          {
            namespace,
            release: "preview",
            objects: objects.map((object) => ({ object, file: "db.yaml" })),
            urls: [],
            attempt,
            progress: {
              preview: () => preview("12-shop"),
              update: async () => undefined,
            },
            stages: measureStages(systemClock),
          },
          access,
          signal,
        );
      } finally {
        await access.dispose();
      }
    };
    const claim = async () => {
      const path = pathOf(resources.PersistentVolumeClaim, namespace, "data-db-0");
      return apiObject(await lab.admin.json({ path, signal })).metadata.uid;
    };
    try {
      await expect(deploy(1, database(namespace, 1, image, script))).rejects.toBeInstanceOf(FailureError);
      const before = await claim();
      await deploy(2, database(namespace, 2, "busybox:1.37", works));
      expect(await claim()).toBe(before);
    } finally {
      await dispose();
    }
  },
);
