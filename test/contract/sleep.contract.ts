import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";
import { at } from "../../src/objects/read.ts";
import type { Cluster } from "../../src/ports/cluster.ts";
import type { ClusterView } from "../../src/rollout/cluster-view.ts";
import { type ClusterHarness, nextView } from "./cluster.contract.ts";

const signal = AbortSignal.timeout(120_000);

const workload = (kind: "Deployment" | "StatefulSet", name: string, namespace: string, replicas: number) => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name, namespace },
  spec: {
    replicas,
    ...(kind === "StatefulSet" ? { serviceName: name } : {}),
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: idle },
  },
});
const cronJob = (name: string, namespace: string, suspend: boolean): KubernetesObject => ({
  apiVersion: "batch/v1",
  kind: "CronJob",
  metadata: { name, namespace },
  spec: {
    schedule: "0 0 1 1 *",
    suspend,
    jobTemplate: { spec: { template: { spec: { ...idle, restartPolicy: "Never" } } } },
  },
});
const idle = { containers: [{ name: "main", image: "busybox:1.37" }], terminationGracePeriodSeconds: 0 };

/** Replicas of the workloads and what is suspended of the CronJobs, as the cluster shows them. */
const sizes = ({ objects }: ClusterView) =>
  Object.fromEntries(
    objects
      .filter(({ kind }) => ["Deployment", "StatefulSet", "CronJob"].includes(kind))
      .map((object) => [object.metadata.name, at(object, "spec", "replicas") ?? at(object, "spec", "suspend")]),
  );

/** What every cluster has to do with previews that sleep. */
export function sleepContract(title: string, start: () => Promise<ClusterHarness>): void {
  describe(`sleep in the cluster ${title}`, () => {
    let harness: ClusterHarness;
    let cluster: Cluster;
    let used = 0;
    const made: string[] = [];

    beforeAll(async () => {
      harness = await start();
      cluster = harness.cluster;
    });
    afterAll(async () => {
      await Promise.all(made.map((namespace) => cluster.remove(namespace, "uid-1", signal)));
      await harness.dispose();
    });

    const fresh = () => {
      used += 1;
      return `preview-contract-sleep-${used}-${process.pid}`;
    };
    const running = async () => {
      const namespace = fresh();
      made.push(namespace);
      await cluster.prepare(namespace, "uid-1", [], signal);
      await harness.put(namespace, workload("Deployment", "web", namespace, 2));
      await harness.put(namespace, workload("Deployment", "off", namespace, 0));
      await harness.put(namespace, workload("StatefulSet", "data", namespace, 1));
      await harness.put(namespace, cronJob("nightly", namespace, false));
      await harness.put(namespace, cronJob("never", namespace, true));
      return namespace;
    };
    const asleep = async (namespace: string) =>
      (await cluster.sleep(namespace, signal)).toSorted((a, b) => a.name.localeCompare(b.name));
    /** The sizes once they are the wanted ones; a view of a moment before may come first. */
    const sizesOnce = async (namespace: string, wanted: Record<string, unknown>) => {
      const views = cluster.observe(namespace, signal)[Symbol.asyncIterator]();
      const fits = (view: ClusterView) => JSON.stringify(sizes(view)) === JSON.stringify({ ...sizes(view), ...wanted });
      const view = await nextView(views, fits);
      await views.return?.();
      return sizes(view);
    };
    const awake = { web: 2, off: 0, data: 1, nightly: false, never: true };
    const resting = { web: 0, off: 0, data: 0, nightly: true, never: true };
    const slept = [
      { kind: "StatefulSet", name: "data", replicas: 1 },
      { kind: "CronJob", name: "nightly" },
      { kind: "Deployment", name: "web", replicas: 2 },
    ] as const;

    test("what sleeps is known until it is woken", async () => {
      const namespace = await running();
      const names = async () => (await cluster.asleep(namespace, signal)).map(({ name }) => name).toSorted();
      expect(await names()).toEqual([]);
      const all = await asleep(namespace);
      expect(await names()).toEqual(["data", "nightly", "web"]);
      await cluster.wake(namespace, all, signal);
      expect(await names()).toEqual([]);
      expect(await cluster.asleep(fresh(), signal)).toEqual([]);
    });

    test("puts everything to sleep and wakes it as it was, each as often as it is asked", async () => {
      const namespace = await running();
      expect(await asleep(namespace)).toEqual(slept);
      expect(await sizesOnce(namespace, resting)).toEqual(resting);
      expect(await asleep(namespace)).toEqual(slept);
      await cluster.wake(namespace, slept, signal);
      expect(await sizesOnce(namespace, awake)).toEqual(awake);
      await cluster.wake(namespace, slept, signal);
      expect(await sizesOnce(namespace, awake)).toEqual(awake);
    });

    test("wakes what an interrupted call has put to sleep, though nobody heard its answer", async () => {
      const namespace = await running();
      await asleep(namespace);
      await harness.put(namespace, workload("Deployment", "late", namespace, 3));
      await cluster.wake(namespace, [], signal);
      expect(await sizesOnce(namespace, { ...awake, late: 3 })).toEqual({ ...awake, late: 3 });
      await harness.put(namespace, workload("Deployment", "late", namespace, 0));
      expect(await asleep(namespace)).toEqual(slept);
    });

    test("leaves alone what others have scaled up or deleted meanwhile", async () => {
      const namespace = await running();
      await asleep(namespace);
      await harness.put(namespace, workload("Deployment", "web", namespace, 1));
      await cluster.wake(namespace, [...slept, { kind: "Deployment", name: "nobody", replicas: 2 }], signal);
      expect(await sizesOnce(namespace, { ...awake, web: 1 })).toEqual({ ...awake, web: 1 });
    });

    test("has nothing to put to sleep or to wake where there is no namespace", async () => {
      const namespace = fresh();
      expect(await cluster.sleep(namespace, signal)).toEqual([]);
      await cluster.wake(namespace, slept, signal);
      expect(await harness.namespaceExists(namespace)).toBe(false);
    });
  });
}
