import type { KubernetesObject, SourcedObject } from "../objects/kubernetes-object.ts";
import type { DeployerAccess } from "./cluster.ts";

export type ReleaseState = {
  revision: number;
  /** Helm's own words. */
  status:
    | "deployed"
    | "failed"
    | "pending-install"
    | "pending-upgrade"
    | "pending-rollback"
    | "superseded"
    | "uninstalling"
    | "unknown";
};

export type RenderRequest = {
  /** Absolute path of the checkout; the chart and value files are inside it. */
  checkout: string;
  chart: string;
  valueFiles: string[];
  values: Record<string, unknown>;
  namespace: string;
  release: string;
  isUpgrade: boolean;
};

/** Helm. Programs run isolated, as the attempt's account. */
export type Releases = {
  /** Renders with the cluster's answers to `lookup`. Rejects with a user's failure that has Helm's file and line. */
  render(request: RenderRequest, access: DeployerAccess, signal: AbortSignal): Promise<SourcedObject[]>;
  state(namespace: string, release: string, signal: AbortSignal): Promise<ReleaseState | undefined>;
  /** The objects of an earlier revision, hooks included, as they were released; undefined where it is not kept. */
  stored(
    namespace: string,
    release: string,
    revision: number,
    signal: AbortSignal,
  ): Promise<SourcedObject[] | undefined>;
  /**
   * Installs or upgrades one release made of exactly these objects; hooks are run and waited for. First repairs a
   * release left pending (its status becomes failed, history stays) and removes Jobs of an interrupted hook.
   * What cannot be changed in place is made anew, which `notices` say; a claim that would lose its data is a failure.
   * On abort Helm is asked to stop and waited for. Rejects with a user's failure for a refused object or failed hook.
   */
  release(
    namespace: string,
    release: string,
    objects: readonly KubernetesObject[],
    access: DeployerAccess,
    signal: AbortSignal,
  ): Promise<{ revision: number; notices: readonly string[] }>;
  /** Deletes a pod so that its controller makes it anew; its claims stay. Fine where it is gone already. */
  replacePod(
    namespace: string,
    pod: { name: string; uid: string },
    access: DeployerAccess,
    signal: AbortSignal,
  ): Promise<void>;
};
