import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Every place the lab reads and writes; nothing else on the machine's disk is touched. */
export type LabPaths = {
  /** Removed by `down`, except what a person asked to keep. */
  readonly state: string;
  /** Built programs and base images; survives `down`. */
  readonly cache: string;
  readonly logs: string;
  /** Sockets, recorded processes, what the running lab answers to `status`. */
  readonly run: string;
  /** Links under the tools' usual names: kubectl, helm, buildctl. */
  readonly bin: string;
  /** Certificates, kubeconfigs and component configuration. */
  readonly kubernetes: string;
  /** The administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** A Docker config.json with the registry's credentials. */
  readonly registryAuth: string;
  /** The same with credentials that may only pull. */
  readonly registryPullAuth: string;
  /** Progress of the first run, read by the stand-in's page. */
  readonly board: string;
};

/** The lab's places, from GREENROOM_LAB_STATE and GREENROOM_CACHE or their defaults. */
export function labPaths(env: NodeJS.ProcessEnv = process.env): LabPaths {
  const state = resolve(env["GREENROOM_LAB_STATE"] || "/var/lib/greenroom-lab");
  const caches = env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache");
  return {
    state,
    cache: resolve(env["GREENROOM_CACHE"] || join(caches, "greenroom")),
    logs: join(state, "logs"),
    run: join(state, "run"),
    bin: join(state, "bin"),
    kubernetes: join(state, "kubernetes"),
    kubeconfig: join(state, "kubernetes", "admin.conf"),
    registryAuth: join(state, "registry", "config.json"),
    registryPullAuth: join(state, "registry", "pull", "config.json"),
    board: join(state, "board.json"),
  };
}
