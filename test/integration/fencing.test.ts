import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { at } from "../../src/adapters/kubernetes/api-object.ts";
import { mergePatch } from "../../src/adapters/kubernetes/api.ts";
import { pathOf, resources } from "../../src/adapters/kubernetes/resources.ts";
import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";
import { SupersededError } from "../../src/ports/records.ts";
import { FailureError } from "../../src/preview/failure.ts";
import { hookJob } from "../support/hook-job.ts";
import { arrangeReleases, helmProcess, isRunningPodOf } from "./arrange-releases.ts";
import { type KubernetesLab, kubernetesLab } from "./kubernetes-lab.ts";

const signal = AbortSignal.timeout(170_000);

describe("an attempt that is interrupted", () => {
  let lab: KubernetesLab;
  let arranged: Awaited<ReturnType<typeof arrangeReleases>>;
  beforeAll(async () => {
    lab = await kubernetesLab();
    arranged = await arrangeReleases(lab, "fencing", signal);
  });
  afterAll(async () => {
    await arranged.dispose();
  });

  const configMap = (value: string): KubernetesObject => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "which", namespace: arranged.namespace },
    data: { value },
  });
  const which = async () => {
    const path = pathOf(resources.ConfigMap, arranged.namespace, "which");
    return at(await lab.admin.json({ path, signal }), "data", "value");
  };

  test("paused in a hook and continued later, changes nothing of the newer one's", async () => {
    const { namespace, releases, takeOver, untilHookRuns } = arranged;
    const older = await takeOver();
    const slow = [configMap("older"), hookJob("migrate", namespace, "sleep 3")];
    const paused = releases.release(namespace, "paused", slow, older, signal).catch((thrown: unknown) => thrown);
    await untilHookRuns("migrate");
    const helm = await helmProcess(namespace);
    process.kill(helm, "SIGSTOP");

    const newer = await takeOver();
    const quick = [configMap("newer"), hookJob("migrate", namespace, "true")];
    const { revision } = await releases.release(namespace, "paused", quick, newer, signal);
    process.kill(helm, "SIGCONT");

    expect(await paused).toBeInstanceOf(SupersededError);
    expect(await which()).toBe("newer");
    expect(await releases.state(namespace, "paused", signal)).toEqual({ revision, status: "deployed" });
    await Promise.all([older.dispose(), newer.dispose()]);
  });

  test("killed in a hook, leaves a release that the next one goes on from, one migration at a time", async () => {
    const { namespace, releases, cluster, takeOver, untilHookRuns } = arranged;
    const older = await takeOver();
    const slow = [configMap("killed"), hookJob("migrate-slowly", namespace, "sleep 600")];
    const killed = releases.release(namespace, "killed", slow, older, signal).catch((thrown: unknown) => thrown);
    await untilHookRuns("migrate-slowly");
    process.kill(await helmProcess(namespace), "SIGKILL");
    expect(await killed).toMatchObject({ failure: { kind: "transient", code: "helm-interrupted" } });
    expect((await releases.state(namespace, "killed", signal))?.status).toBe("pending-install");

    const done = new AbortController();
    const watching = (async () => {
      let most = 0;
      for await (const { objects } of cluster.observe(namespace, AbortSignal.any([signal, done.signal]))) {
        most = Math.max(most, objects.filter((object) => isRunningPodOf("migrate-slowly", object)).length);
      }
      return most;
    })();
    const newer = await takeOver();
    const next = [configMap("next"), hookJob("migrate-slowly", namespace, "sleep 1")];
    expect(await releases.release(namespace, "killed", next, newer, signal)).toMatchObject({ revision: 2 });
    done.abort();
    expect(await watching).toBe(1);
    expect(await which()).toBe("next");
    await Promise.all([older.dispose(), newer.dispose()]);
  });
});

test("a namespace that somebody's finalizer holds is reported with its name, and goes when that is off", async () => {
  const lab = await kubernetesLab();
  const { namespace, cluster, dispose } = await arrangeReleases(lab, "held", signal);
  const metadata = { name: "held", namespace, finalizers: ["example.com/hold"] };
  const path = pathOf(resources.ConfigMap, namespace);
  await lab.admin.json({ method: "POST", path, body: { apiVersion: "v1", kind: "ConfigMap", metadata }, signal });

  await expect(cluster.remove(namespace, "uid", signal)).rejects.toSatisfy(
    (error) =>
      error instanceof FailureError &&
      error.failure.kind === "operator" &&
      error.failure.code === "namespace-held" &&
      error.failure.what.includes("example.com/hold"),
  );
  const free = { metadata: { finalizers: null } };
  await lab.admin.json({ method: "PATCH", path: `${path}/held`, contentType: mergePatch, body: free, signal });
  await dispose();
});
