import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { waitFor } from "../../infra/local/demo/wait-for.ts";
import { writeAccess } from "../../infra/local/lab/install.ts";
import { readLabStatus } from "../../infra/local/lab/status.ts";
import { createKubernetesApi, loadKubeConfig, mergePatch } from "../../src/adapters/kubernetes/api.ts";
import { createRecordCache } from "../../src/adapters/kubernetes/record-cache.ts";
import { createRecords } from "../../src/adapters/kubernetes/records.ts";
import { namespacePath } from "../../src/adapters/kubernetes/resources.ts";
import { createVisits } from "../../src/adapters/kubernetes/visits.ts";
import type { Preview } from "../../src/preview/preview.ts";
import { visitsContract } from "../contract/visits.contract.ts";
import { kubernetesLab } from "./kubernetes-lab.ts";
import { quietNamespace } from "./quiet-namespace.ts";

const signal = AbortSignal.timeout(150_000);

/** Namespaces made by this file: each test has its own, since one that is deleted takes its time to go. */
let namespaces = 0;

/** The lab, with the API server as the gateway's own account and the rights that the chart gives it. */
async function gatewayLab() {
  const lab = await kubernetesLab();
  const status = await readLabStatus();
  if (status === undefined) throw new Error("the lab does not run");
  const folder = await mkdtemp(join(tmpdir(), "greenroom-visits-"));
  const kubeconfig = join(folder, "gateway.conf");
  const administrator = { kubeconfig: status.kubeconfig, kubectl: status.tools.kubectl, helm: status.tools.helm };
  await writeAccess(administrator, "greenroom-gateway", kubeconfig, signal);
  const gateway = createKubernetesApi(loadKubeConfig(kubeconfig));
  namespaces += 1;
  const namespace = await quietNamespace(lab, `visits-${namespaces}`, signal);
  const previews = `/apis/greenroom.dev/v1alpha1/namespaces/${namespace}/previews`;
  await waitFor("the gateway's rights there", 10, () => gateway.json({ path: previews, signal }));
  const lifetime = new AbortController();
  const records = createRecords(lab.worker, namespace, createRecordCache(lab.worker, namespace, lifetime.signal));
  let lastNumber = 0;
  return {
    gateway,
    namespace,
    records,
    async make(): Promise<Preview> {
      lastNumber += 1;
      const number = lastNumber;
      const repository = { id: 1, nodeId: "R_visits", fullName: "maintainer/visits" };
      const key = { installation: 1, repository, number };
      const name = `${number}-visits`;
      const spec = { repository, pullRequest: number, installation: 1, want: "running" } as const;
      const record = await records.claim(await records.ensure(key, [name], spec, signal), signal);
      return await records.report(record, { phase: "Ready" }, signal);
    },
    async dispose() {
      lifetime.abort();
      await lab.admin.json({ method: "DELETE", path: namespacePath(namespace), signal });
      await Promise.all([gateway.close(), lab.dispose(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

const keyOf = ({ spec }: Preview) => ({
  installation: spec.installation,
  repository: spec.repository,
  number: spec.pullRequest,
});

visitsContract("in Kubernetes by the gateway's account", async () => {
  const lab = await gatewayLab();
  return {
    visits: createVisits(lab.gateway, lab.namespace),
    make: () => lab.make(),
    read: (preview) => lab.records.find(keyOf(preview), signal),
    dispose: () => lab.dispose(),
  };
});

test("the gateway changes nothing of a record but its status", async () => {
  const lab = await gatewayLab();
  try {
    const { name } = await lab.make();
    const path = `/apis/greenroom.dev/v1alpha1/namespaces/${lab.namespace}/previews/${name}`;
    const forbidden = { status: 403 };
    const patch = { method: "PATCH", contentType: mergePatch, signal } as const;
    await expect(lab.gateway.json({ ...patch, path, body: { spec: { want: "stopped" } } })).rejects.toMatchObject(
      forbidden,
    );
    await expect(lab.gateway.json({ method: "DELETE", path, signal })).rejects.toMatchObject(forbidden);
    const statusOnly = { spec: { want: "stopped" }, status: { lastVisitAt: "2026-01-02T03:04:05.678Z" } };
    const answer = await lab.gateway.json({ ...patch, path: `${path}/status`, body: statusOnly });
    expect(answer).toMatchObject({ spec: { want: "running" } });
  } finally {
    await lab.dispose();
  }
});
