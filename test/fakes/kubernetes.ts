import type { DeployerAccess } from "../../src/ports/cluster.ts";
import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";
import { objectName } from "../../src/objects/kubernetes-object.ts";
import type { ReleaseState } from "../../src/ports/releases.ts";
import type { SleepingWorkload } from "../../src/preview/preview.ts";
import type { ClusterEvent } from "../../src/rollout/cluster-view.ts";

export type FakeRelease = { revision: number; status: ReleaseState["status"]; objects: readonly KubernetesObject[] };

export type FakeNamespace = {
  name: string;
  recordUid: string | undefined;
  objects: Map<string, KubernetesObject>;
  events: ClusterEvent[];
  /** Logs by `pod/container`; the one before the last restart by `pod/container/previous`. */
  logs: Map<string, string>;
  releases: Map<string, FakeRelease[]>;
  /** The only account that may deploy here. */
  deployer: string | undefined;
  /** Names of hook Jobs that run now; more than one of a name at once would be two migrations. */
  hooks: Set<string>;
  /** What was put to sleep and not woken yet, by `Kind/name`. */
  asleep: Map<string, SleepingWorkload>;
};

/** What fake cluster and fake releases share: namespaces, accounts and who is told of changes. */
export type FakeKubernetes = {
  namespaces: Map<string, FakeNamespace>;
  /** Attempt accounts, with the namespace that each deploys into. */
  accounts: Map<string, string>;
  /** How often each account was made: a token is of one of these, and dies with it. */
  made: Map<string, number>;
  /** Files with an account's token, with the making it is of. */
  tokens: Map<string, number>;
  namespace(name: string): FakeNamespace;
  put(namespace: string, object: KubernetesObject): void;
  changed(): void;
  /** Calls back after every change until the returned function is called. */
  onChange(listener: () => void): () => void;
};

export function fakeNamespace(name: string, recordUid: string | undefined): FakeNamespace {
  return {
    name,
    recordUid,
    objects: new Map(),
    events: [],
    logs: new Map(),
    releases: new Map(),
    deployer: undefined,
    hooks: new Set(),
    asleep: new Map(),
  };
}

export function fakeKubernetes(): FakeKubernetes {
  const namespaces = new Map<string, FakeNamespace>();
  const listeners = new Set<() => void>();
  const namespace = (name: string) => {
    const found = namespaces.get(name);
    if (found === undefined) throw new Error(`the fake cluster has no namespace ${name}`);
    return found;
  };
  const changed = () => {
    for (const listener of listeners) listener();
  };
  return {
    namespaces,
    accounts: new Map(),
    made: new Map(),
    tokens: new Map(),
    namespace,
    changed,
    put(name, object) {
      namespace(name).objects.set(objectName(object), object);
      changed();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Whether an attempt that was let in before may still deploy: its account is there, and the one its token is of. */
export function mayDeploy(
  { accounts, made, tokens }: FakeKubernetes,
  namespace: string,
  { user, kubeconfig }: DeployerAccess,
): boolean {
  const account = user.split(":").at(-1) ?? "";
  return accounts.get(account) === namespace && tokens.get(kubeconfig) === made.get(account);
}

/** `12-shop-3` is attempt 3. */
export function attemptOf(account: string): number {
  return Number(/-(\d+)$/.exec(account)?.[1] ?? 0);
}
