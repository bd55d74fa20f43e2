import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";
import type { DeployerAccess } from "../../src/ports/cluster.ts";
import { SupersededError } from "../../src/ports/records.ts";
import type { Releases, RenderRequest } from "../../src/ports/releases.ts";
import { type Failure, FailureError } from "../../src/preview/failure.ts";
import { hookJob } from "../support/hook-job.ts";

/** Releases in one prepared namespace, and what a test needs to look behind them. */
export type ReleasesHarness = {
  releases: Releases;
  namespace: string;
  /** Makes a new attempt the owner of the namespace; the access of the one before ends. */
  takeOver(): Promise<DeployerAccess>;
  exists(kind: string, name: string): Promise<boolean>;
  /** Leaves the newest revision as a killed Helm does. */
  leavePending(release: string): Promise<void>;
  /** Makes a pod, and answers with its uid. */
  makePod(name: string): Promise<string>;
  /** Resolves when the hook's Job has begun to run. */
  untilHookRuns(name: string): Promise<void>;
  dispose(): Promise<void>;
};

const signal = AbortSignal.timeout(150_000);

const chart = {
  "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
  "chart/values.yaml": "color: blue\n",
  "chart/templates/colors.yaml": [
    "apiVersion: v1",
    "kind: ConfigMap",
    "metadata:",
    "  name: colors-{{ .Release.Name }}",
    "data:",
    '  color: "{{ .Values.color }}"',
    '  upgrade: "{{ .Release.IsUpgrade }}"',
    "---",
    "apiVersion: networking.k8s.io/v1",
    "kind: NetworkPolicy",
    "metadata:",
    "  name: open",
    "",
  ].join("\n"),
  "chart/templates/migrate.yaml": [
    "apiVersion: batch/v1",
    "kind: Job",
    "metadata:",
    "  name: migrate",
    "  annotations:",
    "    helm.sh/hook: pre-install,pre-upgrade",
    "",
  ].join("\n"),
};

function configMap(name: string, namespace: string, value = "1"): KubernetesObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { value } };
}

function workload(
  kind: "Deployment" | "StatefulSet",
  namespace: string,
  { app, serviceName }: { app: string; serviceName?: string },
): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name: kind.toLowerCase(), namespace },
    spec: {
      replicas: 0,
      ...(serviceName === undefined ? {} : { serviceName }),
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: { containers: [{ name: "main", image: "busybox:1.37" }] } },
    },
  };
}

async function failureFrom(promise: Promise<unknown>): Promise<Failure> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof FailureError) return error.failure;
  throw new Error(`expected a failure, got ${String(error)}`);
}

/** What every Helm has to do. */
export function releasesContract(title: string, start: () => Promise<ReleasesHarness>): void {
  describe(`the releases ${title}`, () => {
    let harness: ReleasesHarness;
    let releases: Releases;
    let namespace: string;
    let access: DeployerAccess;
    let used = 0;
    const folders: string[] = [];

    beforeAll(async () => {
      harness = await start();
      ({ releases, namespace } = harness);
      access = await harness.takeOver();
    });
    afterAll(async () => {
      await access.dispose();
      await harness.dispose();
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    });

    const freshRelease = () => {
      used += 1;
      return `release-${used}`;
    };
    const release = (name: string, objects: KubernetesObject[], stop = signal) =>
      releases.release(namespace, name, objects, access, stop);
    const both = (app: string, serviceName: string) => [
      workload("Deployment", namespace, { app }),
      workload("StatefulSet", namespace, { app: "set", serviceName }),
    ];
    const state = (name: string) => releases.state(namespace, name, signal);
    const replace = (name: string, uid: string) => releases.replacePod(namespace, { name, uid }, access, signal);
    const request = async (
      files: Record<string, string>,
      more: Partial<RenderRequest> = {},
    ): Promise<RenderRequest> => {
      const checkout = await mkdtemp(join(tmpdir(), "greenroom-chart-"));
      folders.push(checkout);
      for (const [path, content] of Object.entries({ ...chart, ...files })) {
        await mkdir(dirname(join(checkout, path)), { recursive: true });
        await writeFile(join(checkout, path), content);
      }
      const common = {
        checkout,
        chart: "chart",
        valueFiles: [],
        values: {},
        namespace,
        release: "r",
        isUpgrade: false,
      };
      return { ...common, ...more };
    };
    const render = async (files: Record<string, string> = {}, more: Partial<RenderRequest> = {}) =>
      releases.render(await request(files, more), access, signal);

    describe("rendering", () => {
      test("gives every object, hooks and what the account may not touch included, with its file", async () => {
        const rendered = await render();
        const found = rendered.map(({ object, file }) => `${object.kind}/${object.metadata.name} ${file}`);
        expect(new Set(found)).toEqual(
          new Set([
            "ConfigMap/colors-r chart/templates/colors.yaml",
            "NetworkPolicy/open chart/templates/colors.yaml",
            "Job/migrate chart/templates/migrate.yaml",
          ]),
        );
        const job = rendered.find(({ object }) => object.kind === "Job");
        expect(job?.object.metadata.annotations).toEqual({ "helm.sh/hook": "pre-install,pre-upgrade" });
      });

      test.each([
        ["the chart's own values", {}, "blue", "false"],
        ["the request's values before a file's", { values: { color: "red" }, valueFiles: ["ci.yaml"] }, "red", "false"],
        ["a file's values before the chart's", { valueFiles: ["ci.yaml"], isUpgrade: true }, "green", "true"],
      ])("takes %s", async (_, more, color, upgrade) => {
        const rendered = await render({ "ci.yaml": "color: green\n" }, more);
        expect(rendered.find(({ object }) => object.kind === "ConfigMap")?.object["data"]).toEqual({ color, upgrade });
      });

      test("names file and line of a template that fails", async () => {
        const failure = await failureFrom(render({ "chart/templates/bad.yaml": "a: 1\nb: {{ .Values.shop.name }}\n" }));
        expect(failure).toMatchObject({ kind: "user", where: { file: "chart/templates/bad.yaml", line: 2 } });
        expect(failure.evidence).toContain("nil pointer");
      });

      test("names charts that are missing, and fetches none", async () => {
        const needs = `${chart["chart/Chart.yaml"]}dependencies:\n  - {name: postgresql, version: 1.x, repository: "https://charts.example"}\n`;
        const failure = await failureFrom(render({ "chart/Chart.yaml": needs }));
        expect(failure).toMatchObject({ kind: "user", code: "chart-dependency-missing" });
        expect(failure.what).toContain("postgresql");
      });
    });

    describe("replacing a pod", () => {
      test("deletes it, and no other", async () => {
        const uid = await harness.makePod("broken");
        await harness.makePod("well");
        await replace("broken", uid);
        expect(await harness.exists("Pod", "broken")).toBe(false);
        expect(await harness.exists("Pod", "well")).toBe(true);
      });

      test("leaves one of the same name that was made since", async () => {
        const uid = await harness.makePod("renewed");
        await replace("renewed", uid);
        expect(await harness.makePod("renewed")).not.toBe(uid);
        await replace("renewed", uid);
        expect(await harness.exists("Pod", "renewed")).toBe(true);
      });

      test("is fine with one that is gone", async () => {
        const uid = await harness.makePod("gone");
        await replace("gone", uid);
        await replace("gone", uid);
        expect(await harness.exists("Pod", "gone")).toBe(false);
      });
    });

    describe("releasing", () => {
      test("makes the objects, then changes and removes them, one revision each", async () => {
        const name = freshRelease();
        expect(await state(name)).toBeUndefined();
        expect(await release(name, [configMap("one", namespace), configMap("two", namespace)])).toMatchObject({
          revision: 1,
        });
        expect(await state(name)).toEqual({ revision: 1, status: "deployed" });
        expect(await release(name, [configMap("one", namespace, "2")])).toMatchObject({ revision: 2 });
        expect(await harness.exists("ConfigMap", "one")).toBe(true);
        expect(await harness.exists("ConfigMap", "two")).toBe(false);
      });

      test("runs hooks, and one that fails ends it with its last lines", async () => {
        const name = freshRelease();
        await release(name, [configMap("hooked", namespace), hookJob("migrate-a", namespace, "true")]);
        const again = [
          configMap("hooked-more", namespace),
          hookJob("migrate-a", namespace, "echo no such table; exit 3"),
        ];
        const failure = await failureFrom(release(name, again));
        expect(failure).toMatchObject({ kind: "user", code: "hook-failed" });
        expect(failure.what).toContain("Job/migrate-a");
        expect(failure.evidence).toContain("no such table");
        expect(await state(name)).toEqual({ revision: 2, status: "failed" });
        expect(await harness.exists("ConfigMap", "hooked-more")).toBe(false);
        expect(await release(name, [configMap("hooked", namespace)])).toMatchObject({ revision: 3 });
      });

      test("keeps what earlier revisions were made of, with their hooks", async () => {
        const name = freshRelease();
        const made = [configMap("stored", namespace, "1\n---\n2"), hookJob("stored-hook", namespace, "true")];
        await release(name, made);
        await release(name, [configMap("stored", namespace)]);
        const [first, third] = await Promise.all([1, 3].map((each) => releases.stored(namespace, name, each, signal)));
        expect(first?.map(({ object }) => object)).toEqual(made);
        expect(third).toBeUndefined();
      });

      test("says which object the cluster refuses", async () => {
        const quota: KubernetesObject = {
          apiVersion: "v1",
          kind: "ResourceQuota",
          metadata: { name: "more", namespace },
          spec: { hard: { pods: "1000" } },
        };
        const failure = await failureFrom(release(freshRelease(), [quota]));
        expect(failure).toMatchObject({ kind: "user", code: "object-forbidden" });
        expect(failure.what).toContain("ResourceQuota/more");
      });

      test("makes anew what cannot be changed in place, and says so", async () => {
        const name = freshRelease();
        await release(name, both("a", "a"));
        const changed = await release(name, both("b", "b"));
        expect(changed.revision).toBe(2);
        expect(changed.notices).toHaveLength(2);
        expect(changed.notices.find((notice) => notice.includes("StatefulSet/statefulset"))).toContain(
          "data were kept",
        );
        const same = await release(name, both("b", "b"));
        expect(same).toEqual({ revision: 3, notices: [] });
      });

      test("does not touch a volume that cannot be changed in place", async () => {
        const name = freshRelease();
        const claim = (mode: string): KubernetesObject => ({
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          metadata: { name: "data", namespace },
          spec: { accessModes: [mode], resources: { requests: { storage: "1Mi" } }, storageClassName: "none" },
        });
        await release(name, [claim("ReadWriteOnce")]);
        const failure = await failureFrom(release(name, [claim("ReadWriteMany"), configMap("never", namespace)]));
        expect(failure).toMatchObject({ kind: "user", code: "claim-changed" });
        expect(await harness.exists("PersistentVolumeClaim", "data")).toBe(true);
        expect(await harness.exists("ConfigMap", "never")).toBe(false);
      });

      test("goes on from a release that was left pending, and keeps its history", async () => {
        const name = freshRelease();
        await release(name, [configMap("kept", namespace)]);
        await harness.leavePending(name);
        expect((await state(name))?.status).toMatch(/^pending-/);
        expect(await release(name, [configMap("kept", namespace, "2")])).toMatchObject({ revision: 2 });
        expect(await state(name)).toEqual({ revision: 2, status: "deployed" });
      });

      test("stops in the middle of a hook, and the next one starts only when that is gone", async () => {
        const name = freshRelease();
        const stop = new AbortController();
        const interrupted = release(name, [hookJob("migrate-b", namespace, "sleep 600")], stop.signal);
        await Promise.race([harness.untilHookRuns("migrate-b"), interrupted]);
        stop.abort(new Error("superseded"));
        await expect(interrupted).rejects.toThrow("superseded");
        expect((await state(name))?.status).toBe("failed");
        const { revision } = await release(name, [
          hookJob("migrate-b", namespace, "true"),
          configMap("after", namespace),
        ]);
        expect(revision).toBe(2);
        expect(await harness.exists("ConfigMap", "after")).toBe(true);
      });

      test("an attempt that was taken over cannot release, nor replace a pod", async () => {
        const name = freshRelease();
        const uid = await harness.makePod("not-theirs");
        const former = access;
        access = await harness.takeOver();
        const replaced = releases.replacePod(namespace, { name: "not-theirs", uid }, former, signal);
        await expect(replaced).rejects.toThrow(SupersededError);
        expect(await harness.exists("Pod", "not-theirs")).toBe(true);
        const late = releases.release(namespace, name, [configMap("late", namespace)], former, signal);
        await expect(late).rejects.toThrow(SupersededError);
        expect(await harness.exists("ConfigMap", "late")).toBe(false);
        expect(await release(name, [configMap("timely", namespace)])).toMatchObject({ revision: 1 });
        await former.dispose();
      });
    });
  });
}
