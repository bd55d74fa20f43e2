import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { DeployerAccess } from "../../ports/cluster.ts";
import { SupersededError } from "../../ports/records.ts";
import { FailureError } from "../../preview/failure.ts";
import type { Releases } from "../../ports/releases.ts";
import { isAllowed, mayDeploy } from "../kubernetes/access-review.ts";
import { ApiError, during, isConflict, isNotFound } from "../kubernetes/api-error.ts";
import { createKubernetesApi, loadKubeConfig } from "../kubernetes/api.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import { listAll } from "../kubernetes/follow.ts";
import { pathOf, resources } from "../kubernetes/resources.ts";
import { makeWayForImmutable } from "./immutable.ts";
import { endInterruptedHooks } from "./interrupted-hooks.ts";
import { releaseError, hookIn } from "./release-failure.ts";
import { refusedAccess } from "./refused-access.ts";
import { clusterFailure, helmMessage } from "./render-failure.ts";
import { newestRevision, repairPending, storedManifest } from "./release-secret.ts";
import { upgradeRelease } from "./release.ts";
import type { ReleaseOptions } from "./release.ts";
import { parseRendered } from "./render-output.ts";
import { renderChart } from "./render.ts";
import type { RenderOptions } from "./render.ts";

const logLines = 30;

const age = (time: string | undefined) => Date.parse(time ?? "") || 0;

/** The last lines of the pod that a hook ran, or nothing. */
async function hookLog(
  api: KubernetesApi,
  namespace: string,
  stderr: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const hook = hookIn(stderr);
  if (hook === undefined) return undefined;
  try {
    const { Pod } = resources;
    const query = { labelSelector: `batch.kubernetes.io/job-name=${hook.name}` };
    const pods = { path: pathOf(Pod, namespace), query, apiVersion: Pod.apiVersion, kind: Pod.kind };
    const { items } = hook.kind === "Job" ? await listAll(api, pods, signal) : { items: [] };
    const newest = items.toSorted((a, b) => age(b.metadata.creationTimestamp) - age(a.metadata.creationTimestamp))[0];
    const pod = newest?.metadata.name ?? hook.name;
    const path = `${pathOf(Pod, namespace, pod)}/log`;
    return await api.text({ path, query: { tailLines: logLines }, signal });
  } catch (thrown) {
    // The log explains; that it cannot be read must not hide the failure itself.
    if (thrown instanceof ApiError) return undefined;
    throw thrown;
  }
}

/** The sandbox mounts Helm by its path, so a bare name is looked up once; one that is not found stays and is reported. */
function absolute(program: string): string {
  if (program.includes("/")) return resolve(program);
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? program;
}

/** Helm releases in previews' namespaces. */
export function createReleases(api: KubernetesApi, given: RenderOptions & ReleaseOptions): Releases {
  const options = { ...given, helm: absolute(given.helm) };
  /** A refusal that comes from a newer attempt having taken over says nothing about the objects. */
  async function stillAllowed(namespace: string, access: DeployerAccess, stderr: string, signal: AbortSignal) {
    if (!stderr.includes("is forbidden")) return;
    const allowed = await during("asking for an account's rights", () =>
      mayDeploy(api, access.user, namespace, signal),
    );
    if (!allowed) throw new SupersededError(access.user);
  }

  /** What the account is allowed was refused by an API server that had not read its rules yet, as one that starts. */
  async function beforeTheRules(access: DeployerAccess, message: string, doing: string, signal: AbortSignal) {
    const refused = refusedAccess(message);
    if (refused === undefined) return;
    const allowed = await during("asking for an account's rights", () => isAllowed(api, access.user, refused, signal));
    if (allowed) throw new FailureError(clusterFailure(message, doing));
  }

  /** Talks to the API server as the attempt's account, which a newer attempt may have taken its rights. */
  async function asAccount<T>(
    namespace: string,
    access: DeployerAccess,
    signal: AbortSignal,
    step: (own: KubernetesApi) => Promise<T>,
  ): Promise<T> {
    const own = createKubernetesApi(loadKubeConfig(access.kubeconfig));
    try {
      return await step(own);
    } catch (thrown) {
      if (!(thrown instanceof ApiError && (thrown.status === 401 || thrown.status === 403))) throw thrown;
      const allowed = await mayDeploy(api, access.user, namespace, signal);
      throw allowed ? thrown : new SupersededError(access.user);
    } finally {
      await own.close();
    }
  }

  return {
    async render(request, access, signal) {
      try {
        return await renderChart(options, request, access, signal);
      } catch (thrown) {
        const evidence = thrown instanceof FailureError ? (thrown.failure.evidence ?? "") : "";
        await beforeTheRules(access, evidence, "rendering the chart", signal);
        throw thrown;
      }
    },

    state: (namespace, release, signal) =>
      during("reading the release", async () => {
        try {
          return (await newestRevision(api, namespace, release, signal))?.state;
        } catch (thrown) {
          // Secrets may be read in previews' namespaces only: before there is one, there is no release either.
          if (thrown instanceof ApiError && thrown.status === 403) return undefined;
          throw thrown;
        }
      }),

    stored: (namespace, release, revision, signal) =>
      during("reading a revision", async () => {
        const manifest = await storedManifest(api, namespace, release, revision, signal);
        return manifest === undefined ? undefined : parseRendered(manifest, `revision ${revision}`);
      }),

    async release(namespace, release, objects, access, signal) {
      const notices = await during("repairing the release", async () => {
        const newest = await newestRevision(api, namespace, release, signal);
        if (newest?.state.status.startsWith("pending-") === true) {
          await repairPending(api, namespace, newest.secret, signal);
        }
        const made =
          newest === undefined
            ? []
            : await asAccount(namespace, access, signal, (own) => makeWayForImmutable(own, namespace, objects, signal));
        await endInterruptedHooks(api, namespace, signal);
        return made;
      });
      const result = await upgradeRelease(options, namespace, release, objects, access, signal);
      if (result.ok) return { revision: result.revision, notices };
      await stillAllowed(namespace, access, result.stderr, signal);
      await beforeTheRules(access, helmMessage(result.stderr), "releasing", signal);
      throw releaseError(result.stderr, await hookLog(api, namespace, result.stderr, signal));
    },

    replacePod: (namespace, { name, uid }, access, signal) =>
      during("replacing a pod", () =>
        asAccount(namespace, access, signal, async (own) => {
          const path = pathOf(resources.Pod, namespace, name);
          try {
            await own.json({ method: "DELETE", path, body: { preconditions: { uid } }, signal });
          } catch (thrown) {
            // Gone, or made anew already.
            if (!isNotFound(thrown) && !isConflict(thrown)) throw thrown;
          }
        }),
      ),
  };
}
