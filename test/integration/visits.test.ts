import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeAccess } from "../../infra/local/lab/install.ts";
import { readLabStatus } from "../../infra/local/lab/status.ts";
import { createKubernetesApi, loadKubeConfig, mergePatch } from "../../src/adapters/kubernetes/api.ts";
import { createRecordCache } from "../../src/adapters/kubernetes/record-cache.ts";
import { createRecords } from "../../src/adapters/kubernetes/records.ts";
import { createVisits } from "../../src/adapters/kubernetes/visits.ts";
import type { Preview } from "../../src/preview/preview.ts";
import { visitsContract } from "../contract/visits.contract.ts";
import { kubernetesLab } from "./kubernetes-lab.ts";

const signal = AbortSignal.timeout(150_000);

/** No two records have one name: the lab's Greenroom looks once more at each that is deleted, and may come late. */
let lastNumber = 999;

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
  const lifetime = new AbortController();
  const records = createRecords(
    lab.worker,
    lab.namespace,
    createRecordCache(lab.worker, lab.namespace, lifetime.signal),
  );
  const made: Preview[] = [];
  return {
    gateway,
    namespace: lab.namespace,
    records,
    async make(): Promise<Preview> {
      lastNumber += 1;
      const number = lastNumber;
      const repository = { id: 1_000_000 + process.pid, nodeId: "R_visits", fullName: "maintainer/visits" };
      const key = { installation: 1, repository, number };
      const name = `${number}-visits-${process.pid}`;
      const spec = { repository, pullRequest: number, installation: 1, want: "running" } as const;
      const record = await records.claim(await records.ensure(key, [name], spec, signal), signal);
      made.push(record);
      return await records.report(record, { phase: "Ready" }, signal);
    },
    async dispose() {
      for (const record of made) await records.remove(record, signal);
      lifetime.abort();
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
