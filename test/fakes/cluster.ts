import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { latestOf } from "../../src/adapters/kubernetes/latest.ts";
import type { Cluster } from "../../src/ports/cluster.ts";
import { at } from "../../src/objects/read.ts";
import { type KubernetesObject, objectName } from "../../src/objects/kubernetes-object.ts";
import { mask, secretValues } from "../../src/report/mask.ts";
import { SupersededError } from "../../src/ports/records.ts";
import type { SleepingWorkload } from "../../src/preview/preview.ts";
import { FailureError } from "../../src/preview/failure.ts";
import type { ClusterView } from "../../src/rollout/cluster-view.ts";
import { attemptOf, type FakeKubernetes, fakeNamespace } from "./kubernetes.ts";

export type FakeClusterOptions = {
  /** A finalizer of somebody else's that holds a namespace; undefined lets it go. */
  heldBy?: (namespace: string) => string | undefined;
  /** Where credentials are kept until they are disposed of; whoever lets attempts die removes it. */
  folder?: string;
};

/** Namespaces and attempt accounts in memory. */
export function fakeCluster(kubernetes: FakeKubernetes, options: FakeClusterOptions = {}): Cluster {
  const { namespaces, accounts, made, tokens } = kubernetes;
  const accountsOf = (namespace: string) =>
    [...accounts].filter(([, of]) => of === namespace).map(([account]) => account);

  return {
    async prepare(namespace, recordUid, kit, signal) {
      signal.throwIfAborted();
      const found = namespaces.get(namespace);
      if (found?.recordUid !== undefined && found.recordUid !== recordUid) {
        const what = `The namespace ${namespace} is left of an earlier preview.`;
        throw new FailureError({ kind: "transient", code: "namespace-left-behind", what, remedy: "Wait." });
      }
      if (found !== undefined && found.recordUid === undefined) {
        const what = `The namespace ${namespace} belongs to somebody else.`;
        throw new FailureError({ kind: "operator", code: "namespace-taken", what, remedy: "Delete it." });
      }
      if (found === undefined) namespaces.set(namespace, fakeNamespace(namespace, recordUid));
      for (const object of kit) if (object.kind !== "Namespace") kubernetes.put(namespace, object);
    },

    async takeOver(namespace, account, signal) {
      signal.throwIfAborted();
      const space = namespaces.get(namespace);
      if (space === undefined) {
        const what = "Somebody deleted the preview's namespace.";
        throw new FailureError({ kind: "transient", code: "namespace-gone", what, remedy: "It is made anew." });
      }
      if (accountsOf(namespace).some((each) => attemptOf(each) > attemptOf(account)))
        throw new SupersededError(account);
      if (accounts.get(account) !== namespace) made.set(account, (made.get(account) ?? 0) + 1);
      for (const earlier of accountsOf(namespace)) accounts.delete(earlier);
      accounts.set(account, namespace);
      space.deployer = account;
      const folder = await mkdtemp(join(options.folder ?? tmpdir(), "greenroom-fake-"));
      const kubeconfig = join(folder, "kubeconfig");
      tokens.set(kubeconfig, made.get(account) ?? 0);
      const user = `system:serviceaccount:greenroom-deployers:${account}`;
      await writeFile(kubeconfig, JSON.stringify({ users: [{ name: user, user: { token: `token of ${account}` } }] }), {
        mode: 0o600,
      });
      return { user, kubeconfig, dispose: () => rm(folder, { recursive: true, force: true }) };
    },

    observe: (namespace, signal) =>
      latestOf<ClusterView>((source) => {
        const show = () => source.emit(view(kubernetes, namespace));
        const end = () => source.end();
        const stopListening = kubernetes.onChange(show);
        signal.addEventListener("abort", end, { once: true });
        if (signal.aborted) end();
        else show();
        return async () => {
          stopListening();
          signal.removeEventListener("abort", end);
        };
      }),

    async logTail(namespace, pod, container, previous, signal) {
      signal.throwIfAborted();
      const space = namespaces.get(namespace);
      const log = space?.logs.get(`${pod}/${container}${previous ? "/previous" : ""}`) ?? "";
      return mask(log, secretValues([...(space?.objects.values() ?? [])]));
    },

    async sleep(namespace, signal) {
      signal.throwIfAborted();
      const space = namespaces.get(namespace);
      if (space === undefined) return [];
      for (const name of space.asleep.keys()) if (!space.objects.has(name)) space.asleep.delete(name);
      for (const object of space.objects.values()) {
        const awake = awakeWorkload(object);
        if (awake === undefined) continue;
        space.asleep.set(objectName(object), awake);
        rescale(kubernetes, namespace, object, awake.kind === "CronJob" ? { suspend: true } : { replicas: 0 });
      }
      return structuredClone([...space.asleep.values()]);
    },

    async wake(namespace, workloads, signal) {
      signal.throwIfAborted();
      const space = namespaces.get(namespace);
      if (space === undefined) return;
      for (const { kind, name, replicas = 1 } of [...workloads, ...space.asleep.values()]) {
        const object = space.objects.get(`${kind}/${name}`);
        if (object === undefined || awakeWorkload(object) !== undefined) continue;
        rescale(kubernetes, namespace, object, kind === "CronJob" ? { suspend: false } : { replicas });
      }
      space.asleep.clear();
    },

    async asleep(namespace, signal) {
      signal.throwIfAborted();
      return structuredClone([...(namespaces.get(namespace)?.asleep.values() ?? [])]);
    },

    async remove(namespace, recordUid, signal) {
      signal.throwIfAborted();
      const found = namespaces.get(namespace);
      if (found !== undefined && found.recordUid !== recordUid) return;
      for (const account of accountsOf(namespace)) accounts.delete(account);
      const holder = options.heldBy?.(namespace);
      if (holder !== undefined) {
        const what = `The namespace ${namespace} is held by the finalizer ${holder}.`;
        throw new FailureError({ kind: "operator", code: "namespace-held", what, remedy: "Take it off." });
      }
      namespaces.delete(namespace);
      kubernetes.changed();
    },
  };
}

function view(kubernetes: FakeKubernetes, namespace: string): ClusterView {
  const space = kubernetes.namespaces.get(namespace);
  return structuredClone({ objects: [...(space?.objects.values() ?? [])], events: space?.events ?? [] });
}

/** The workload as it is, if it is one and does anything. */
function awakeWorkload(object: KubernetesObject): SleepingWorkload | undefined {
  const { kind } = object;
  const { name } = object.metadata;
  if (kind === "CronJob") return at(object, "spec", "suspend") === true ? undefined : { kind, name };
  if (kind !== "Deployment" && kind !== "StatefulSet") return undefined;
  const replicas = Number(at(object, "spec", "replicas") ?? 1);
  return replicas === 0 ? undefined : { kind, name, replicas };
}

/** Changes the number only: what its controller then says of it is not played. */
function rescale(kubernetes: FakeKubernetes, namespace: string, object: KubernetesObject, spec: object): void {
  kubernetes.put(namespace, { ...object, spec: { ...Object(at(object, "spec")), ...spec } });
}
