import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeRelease, encodeRelease, newestRevision } from "../../src/adapters/helm/release-secret.ts";
import { unlessMissing } from "../../src/adapters/kubernetes/api-error.ts";
import { apiObject, at, text } from "../../src/adapters/kubernetes/api-object.ts";
import { mergePatch } from "../../src/adapters/kubernetes/api.ts";
import { pathOf, resourceOfKind, resources } from "../../src/adapters/kubernetes/resources.ts";
import { FailureError } from "../../src/preview/failure.ts";
import { releasesContract } from "../contract/releases.contract.ts";
import { arrangeReleases } from "./arrange-releases.ts";
import { kubernetesLab } from "./kubernetes-lab.ts";

const signal = AbortSignal.timeout(170_000);

releasesContract("of Helm", async () => {
  const lab = await kubernetesLab();
  const { admin } = lab;
  const arranged = await arrangeReleases(lab, "releases", signal);
  const { namespace } = arranged;
  return {
    ...arranged,
    exists: async (kind, name) => {
      const path = pathOf(resourceOfKind(kind) ?? resources.ConfigMap, namespace, name);
      return (await unlessMissing(admin.json({ path, signal }))) !== undefined;
    },
    makePod: async (name) => {
      // On no node, so that it is gone as soon as it is deleted.
      const spec = { nodeSelector: { nowhere: "true" }, containers: [{ name: "main", image: "busybox:1.37" }] };
      const body = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec };
      const made = await admin.json({ method: "POST", path: pathOf(resources.Pod, namespace), body, signal });
      return text(at(made, "metadata", "uid"));
    },
    leavePending: async (release) => {
      const newest = await newestRevision(admin, namespace, release, signal);
      const path = pathOf(resources.Secret, namespace, newest?.secret ?? "");
      const stored = decodeRelease(text(at(apiObject(await admin.json({ path, signal })), "data", "release")));
      const pending = { ...stored, info: { ...stored.info, status: "pending-upgrade" } };
      const body = { metadata: { labels: { status: "pending-upgrade" } }, data: { release: encodeRelease(pending) } };
      await admin.json({ method: "PATCH", path, contentType: mergePatch, body, signal });
    },
  };
});

test("templates that never end, or take all memory, are stopped and explained", { timeout: 120_000 }, async () => {
  const lab = await kubernetesLab();
  const { namespace, releases, takeOver, dispose } = await arrangeReleases(lab, "bombs", signal);
  const folder = await mkdtemp(join(tmpdir(), "greenroom-bombs-"));
  const bombs = {
    loop: "{{ range until 100000 }}{{ range until 100000 }}{{ $x := sha256sum (toString .) }}{{ end }}{{ end }}",
    memory: '{{ $s := "xxxxxxxxxxxxxxxx" }}{{ range until 60 }}{{ $s = print $s $s }}{{ end }}',
    output: '{{ range until 100000 }}a{{ . }}: "{{ repeat 100 "x" }}"\n{{ end }}',
  };
  const access = await takeOver();
  try {
    for (const [name, template] of Object.entries(bombs)) {
      const templates = join(folder, name, "chart", "templates");
      await mkdir(templates, { recursive: true });
      await writeFile(join(folder, name, "chart", "Chart.yaml"), "apiVersion: v2\nname: bomb\nversion: 0.1.0\n");
      await writeFile(join(templates, "bomb.yaml"), template);
      const request = { chart: "chart", valueFiles: [], values: {}, namespace, release: "r", isUpgrade: false };
      const rendered = releases.render({ checkout: join(folder, name), ...request }, access, signal);
      await expect(rendered).rejects.toSatisfy(
        (error) =>
          error instanceof FailureError && error.failure.kind === "user" && error.failure.code === "chart-too-costly",
      );
    }
  } finally {
    await access.dispose();
    await rm(folder, { recursive: true, force: true });
    await dispose();
  }
});
