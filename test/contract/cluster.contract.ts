import { readFile, stat } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";
import type { Cluster, DeployerAccess } from "../../src/ports/cluster.ts";
import { SupersededError } from "../../src/ports/records.ts";
import { FailureError } from "../../src/preview/failure.ts";
import type { ClusterView } from "../../src/rollout/cluster-view.ts";

/** A cluster and what a test needs to look behind it. */
export type ClusterHarness = {
  cluster: Cluster;
  /** Whether the user may deploy into the namespace now. */
  mayDeploy(namespace: string, user: string): Promise<boolean>;
  /** Creates or changes an object in a namespace, as somebody with all rights. */
  put(namespace: string, object: KubernetesObject): Promise<void>;
  /** Makes a namespace that has nothing to do with Greenroom. */
  makeForeign(namespace: string): Promise<void>;
  namespaceExists(namespace: string): Promise<boolean>;
  /** Attempt accounts of a namespace. */
  accounts(namespace: string): Promise<string[]>;
  dispose(): Promise<void>;
};

const signal = AbortSignal.timeout(120_000);

const configMap = (name: string, namespace: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace },
});
const claim = (name: string, namespace: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name, namespace },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } }, storageClassName: "none" },
});
const quota = (namespace: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "greenroom", namespace },
  spec: { hard: { pods: "10" } },
});

const rejectedWith = async (promise: Promise<unknown>, kind: string, code: string) =>
  await expect(promise).rejects.toSatisfy(
    (error) => error instanceof FailureError && error.failure.kind === kind && error.failure.code === code,
  );

export const nextView = async (views: AsyncIterator<ClusterView>, wanted: (view: ClusterView) => boolean) => {
  for (;;) {
    const { value, done } = await views.next();
    if (done === true) throw new Error("the views ended");
    if (wanted(value)) return value;
  }
};

const has = (name: string) => (view: ClusterView) => view.objects.some((object) => object.metadata.name === name);

/** What every cluster has to do. */
export function clusterContract(title: string, start: () => Promise<ClusterHarness>): void {
  describe(`the cluster ${title}`, () => {
    let harness: ClusterHarness;
    let cluster: Cluster;
    let used = 0;
    const made: string[] = [];
    const accesses: DeployerAccess[] = [];

    beforeAll(async () => {
      harness = await start();
      cluster = harness.cluster;
    });
    afterAll(async () => {
      for (const access of accesses) await access.dispose();
      await Promise.all(made.map((namespace) => cluster.remove(namespace, "uid-1", signal)));
      await harness.dispose();
    });

    const fresh = () => {
      used += 1;
      const namespace = `preview-contract-cluster-${used}-${process.pid}`;
      made.push(namespace);
      return { namespace, account: (attempt: number) => `contract-cluster-${used}-${process.pid}-${attempt}` };
    };
    const prepared = async () => {
      const names = fresh();
      await cluster.prepare(names.namespace, "uid-1", [quota(names.namespace)], signal);
      return names;
    };
    const takeOver = async (namespace: string, account: string) => {
      const access = await cluster.takeOver(namespace, account, signal);
      accesses.push(access);
      return access;
    };

    test("prepares a namespace with its kit, and again what is the record's own", async () => {
      const { namespace } = await prepared();
      await cluster.prepare(namespace, "uid-1", [quota(namespace)], signal);
      const views = cluster.observe(namespace, signal)[Symbol.asyncIterator]();
      expect(has("greenroom")(await nextView(views, has("greenroom")))).toBe(true);
      await views.return?.();
    });

    test("refuses a namespace of another record or of nobody's, and leaves it alone", async () => {
      const { namespace } = await prepared();
      await rejectedWith(cluster.prepare(namespace, "uid-2", [], signal), "transient", "namespace-left-behind");
      const foreign = fresh().namespace;
      await harness.makeForeign(foreign);
      await rejectedWith(cluster.prepare(foreign, "uid-1", [], signal), "operator", "namespace-taken");
      await cluster.remove(foreign, "uid-1", signal);
      expect(await harness.namespaceExists(foreign)).toBe(true);
    });

    test("an attempt gets a private file with its own account and may deploy", async () => {
      const { namespace, account } = await prepared();
      const access = await takeOver(namespace, account(1));
      expect(access.user).toBe(`system:serviceaccount:greenroom-deployers:${account(1)}`);
      expect((await stat(access.kubeconfig)).mode & 0o777).toBe(0o600);
      const config = JSON.parse(await readFile(access.kubeconfig, "utf8"));
      expect(config.users).toEqual([{ name: access.user, user: { token: expect.any(String) } }]);
      expect(await harness.mayDeploy(namespace, access.user)).toBe(true);
      await access.dispose();
      await expect(stat(access.kubeconfig)).rejects.toThrow("ENOENT");
    });

    test("a later attempt takes the earlier one's rights before it has its own", async () => {
      const { namespace, account } = await prepared();
      const earlier = await takeOver(namespace, account(1));
      const later = await takeOver(namespace, account(2));
      expect(await harness.mayDeploy(namespace, earlier.user)).toBe(false);
      expect(await harness.mayDeploy(namespace, later.user)).toBe(true);
      expect(await harness.accounts(namespace)).toEqual([account(2)]);
    });

    test("an earlier attempt that comes late gets nothing", async () => {
      const { namespace, account } = await prepared();
      const later = await takeOver(namespace, account(10));
      await expect(takeOver(namespace, account(9))).rejects.toThrow(SupersededError);
      expect(await harness.mayDeploy(namespace, later.user)).toBe(true);
      expect(await harness.accounts(namespace)).toEqual([account(10)]);
    });

    test("of attempts that take over at once, only the latest may deploy in the end", async () => {
      const { namespace, account } = await prepared();
      const results = await Promise.allSettled([3, 1, 4, 2].map((attempt) => takeOver(namespace, account(attempt))));
      const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
      for (const reason of refused) expect(reason).toBeInstanceOf(SupersededError);
      expect(await harness.accounts(namespace)).toEqual([account(4)]);
      const user = (attempt: number) => `system:serviceaccount:greenroom-deployers:${account(attempt)}`;
      const allowed = await Promise.all([1, 2, 3, 4].map((attempt) => harness.mayDeploy(namespace, user(attempt))));
      expect(allowed).toEqual([false, false, false, true]);
    });

    test("shows the namespace, and again after every change, until it is told to stop", async () => {
      const { namespace } = await prepared();
      const stop = new AbortController();
      const views = cluster.observe(namespace, stop.signal)[Symbol.asyncIterator]();
      expect(has("data")(await nextView(views, has("greenroom")))).toBe(false);
      await harness.put(namespace, claim("data", namespace));
      const view = await nextView(views, has("data"));
      expect(view.objects.find(({ metadata }) => metadata.name === "data")).toMatchObject({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
      });
      const ended = views.next();
      stop.abort(new Error("enough"));
      expect((await ended).done).toBe(true);
    });

    test("lets an observer go that waits for a change", async () => {
      const { namespace } = await prepared();
      const views = cluster.observe(namespace, signal)[Symbol.asyncIterator]();
      await nextView(views, has("greenroom"));
      // Changes of the namespace's own making, such as its certificates, may still come; then it rests.
      let resting = false;
      while (!resting) {
        const next = views.next().then(() => false);
        resting = await Promise.race([next, new Promise<boolean>((resolve) => setTimeout(resolve, 1_000, true))]);
      }
      await views.return?.();
      expect((await views.next()).done).toBe(true);
    });

    test("a log that is not there is empty", async () => {
      const { namespace } = await prepared();
      expect(await cluster.logTail(namespace, "nobody", "main", false, signal)).toBe("");
    });

    test("removes a namespace with everything in it, twice if asked, and its name is free", async () => {
      const { namespace, account } = await prepared();
      const access = await takeOver(namespace, account(1));
      await harness.put(namespace, configMap("left", namespace));
      await cluster.remove(namespace, "uid-1", signal);
      expect(await harness.namespaceExists(namespace)).toBe(false);
      expect(await harness.accounts(namespace)).toEqual([]);
      expect(await harness.mayDeploy(namespace, access.user)).toBe(false);
      await cluster.remove(namespace, "uid-1", signal);
      await cluster.prepare(namespace, "uid-2", [], signal);
      const next = await takeOver(namespace, account(1));
      // Whoever still removes the former preview leaves the new one alone.
      await cluster.remove(namespace, "uid-1", signal);
      expect(await harness.namespaceExists(namespace)).toBe(true);
      expect(await harness.mayDeploy(namespace, next.user)).toBe(true);
      await cluster.remove(namespace, "uid-2", signal);
    });

    test("a half-made one is removed as well", async () => {
      const { namespace } = fresh();
      await cluster.prepare(namespace, "uid-1", [], signal);
      await cluster.remove(namespace, "uid-1", signal);
      expect(await harness.namespaceExists(namespace)).toBe(false);
    });
  });
}
