import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { applyPatch } from "../../src/adapters/kubernetes/api.ts";
import { ApiError } from "../../src/adapters/kubernetes/api-error.ts";
import { pathOf, resourceOfKind } from "../../src/adapters/kubernetes/resources.ts";
import { admissionPolicies } from "../../src/objects/admission-policy.ts";
import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";
import { podTemplate } from "../../src/objects/pod-template.ts";
import { isMap, type Json, listOf, mapOf } from "../../src/objects/read.ts";
import { workload, workloadKinds } from "../core/objects/builders.ts";
import { attempts, harmless } from "../core/objects/guard-cases.ts";
import { podAttempts } from "../core/objects/guard-pod-cases.ts";
import { type KubernetesLab, kubernetesLab } from "./kubernetes-lab.ts";

const namespace = "preview-12-shop";
const trialLabel = "greenroom.dev/policy-trial";
const policiesPath = (kind: string) =>
  `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase().replace(/y$/, "ies").replace(/g$/, "gs")}`;

/** The policies under names of their own, for this test's namespace and for whoever asks. */
const trial = admissionPolicies("greenroom-deployers").map((object): KubernetesObject => {
  const name = `trial-${object.metadata.name}`;
  const { matchConditions: _, ...spec } = mapOf(object.spec);
  const bound = {
    ...spec,
    policyName: name,
    matchResources: { namespaceSelector: { matchExpressions: [{ key: trialLabel, operator: "Exists" }] } },
  };
  return { ...object, metadata: { name }, spec: object.kind === "ValidatingAdmissionPolicy" ? spec : bound };
});

let lab: KubernetesLab;

beforeAll(async () => {
  lab = await kubernetesLab();
  for (const object of trial) {
    await lab.admin.json({
      method: "PATCH",
      path: `${policiesPath(object.kind)}/${object.metadata.name}`,
      contentType: applyPatch,
      query: { fieldManager: "test", force: true },
      body: object,
      signal: AbortSignal.timeout(10_000),
    });
  }
  const labels = {
    [trialLabel]: "",
    "greenroom.dev/preview": "12-shop",
    "pod-security.kubernetes.io/enforce": "baseline",
  };
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } };
  const create = async () =>
    await lab.admin.json({ method: "POST", path: "/api/v1/namespaces", body, signal: AbortSignal.timeout(10_000) });
  // The one of an earlier run may still be on its way out.
  await vi.waitFor(create, { timeout: 60_000, interval: 500 });
  // Policies take effect a moment after they are written.
  await vi.waitFor(inEffect, { timeout: 30_000, interval: 200 });
});

afterAll(async () => {
  const remove = async (path: string) =>
    await lab.admin.json({ method: "DELETE", path, signal: AbortSignal.timeout(10_000) });
  for (const { kind, metadata } of trial.toReversed()) await remove(`${policiesPath(kind)}/${metadata.name}`);
  await remove(`/api/v1/namespaces/${namespace}`);
  await lab.dispose();
});

/** Refused by a policy alone, not by Pod Security. */
const ownScheduler = { schedulerName: "mine", containers: [{ name: "c", image: "i" }] };

async function inEffect(): Promise<void> {
  // Each is refused by another policy and by nothing else.
  const samples = ["a DNS name", "a load balancer", "a default backend", "a rule on everything", "a binding of a user"];
  const objects = attempts.filter(([name]) => samples.includes(name)).map(([, { object }]) => object);
  const answers = await Promise.all([workload("Pod", ownScheduler).object, ...objects].map(refusal));
  if (answers.some((answer) => answer?.includes("greenroom-preview-") !== true)) {
    throw new Error("the policies are not in effect yet");
  }
}

/** Why the API server refuses to create an object; undefined where it would. */
async function refusal(object: KubernetesObject): Promise<string | undefined> {
  const resource = resourceOfKind(object.kind);
  if (resource === undefined) throw new Error(`no resource for ${object.kind}`);
  const body = complete({ ...object, metadata: { ...object.metadata, namespace } });
  try {
    await lab.admin.json({
      method: "POST",
      path: pathOf({ ...resource, apiVersion: object.apiVersion }, namespace),
      query: { dryRun: "All" },
      body,
      signal: AbortSignal.timeout(10_000),
    });
    return undefined;
  } catch (thrown) {
    if (thrown instanceof ApiError) return thrown.message;
    throw thrown;
  }
}

/** Fills in what the API server asks for besides what a case is about. */
function complete(object: KubernetesObject): KubernetesObject {
  const copy = structuredClone(object);
  const spec = mapOf(copy.spec);
  const template = podTemplate(copy);
  if (template !== undefined) completePod(template.spec, copy.kind);
  if (copy.kind === "Pod" && template === undefined) copy.spec = { containers: [{ name: "c", image: "i" }] };
  if (copy.kind === "Service" && listOf(spec.ports).length === 0) copy.spec = { ...spec, ports: [{ port: 80 }] };
  if (copy.kind === "PersistentVolumeClaim")
    copy.spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec };
  if (copy.kind === "HorizontalPodAutoscaler")
    copy.spec = { ...spec, maxReplicas: 2, scaleTargetRef: { ...mapOf(spec.scaleTargetRef), name: "x" } };
  if (copy.kind === "Ingress")
    copy.spec = {
      ...spec,
      rules: listOf(spec.rules).map(ingressRule),
      ...(isMap(spec.defaultBackend) && { defaultBackend: backend }),
    };
  return copy;
}

const backend = { service: { name: "a", port: { number: 80 } } };

function ingressRule(rule: unknown): Json {
  const { host } = mapOf(rule);
  return {
    ...(typeof host === "string" && { host: host.toLowerCase() }),
    http: { paths: [{ path: "/", pathType: "Prefix", backend }] },
  };
}

function completePod(spec: Json, kind: string): void {
  if (kind === "Job" || kind === "CronJob") spec.restartPolicy = "Never";
  delete spec.serviceAccountName;
  const containers = listOf(spec.containers).filter(isMap);
  spec.containers =
    containers.length === 0
      ? [{ name: "c", image: "i" }]
      : containers.map((each) => completeContainer({ image: "i", ...each }));
}

function completeContainer(container: Json): Json {
  for (const handler of [
    container.livenessProbe,
    container.readinessProbe,
    container.startupProbe,
    ...Object.values(mapOf(container.lifecycle)),
  ]) {
    const socket = mapOf(handler).tcpSocket;
    if (isMap(socket)) socket.port ??= 80;
  }
  for (const variable of listOf(container.env).filter(isMap)) {
    const key = mapOf(variable.valueFrom).secretKeyRef;
    if (isMap(key)) key.key ??= "a";
  }
  return container;
}

/** By a policy, Pod Security or another plugin; or because the API itself knows no such thing. */
const refused =
  /denied request: |violates PodSecurity|is forbidden: |must be false to use|hostNetwork must be true if|must specify one of|externalName: Required|may not be used when `type` is|cannot apply to non-resource URLs/;

describe("the API server, by policies and Pod Security, agrees with the guard", () => {
  test.each(harmless.map(({ object }) => [`${object.apiVersion} ${object.kind}`, object] as const))(
    "%s is let in",
    async (_, object) => {
      expect(await refusal(object)).toBeUndefined();
    },
  );

  // A projected volume of a type that this version of the API server does not know is an empty one to it.
  const known = podAttempts.filter(([name]) => name !== "a certificate");
  test.each(known)("%s is refused", async (_, { object }) => {
    expect(await refusal(object)).toMatch(refused);
  });

  const ofKinds = new Set(["Service", "Ingress", "Role", "RoleBinding"]);
  // Without its meaning to the API server, or beyond what one object shows.
  const exempt = new Set(["an alias by name", "a binding of a Role that is not here"]);
  const others = attempts.filter(
    ([name, { object }, field]) => ofKinds.has(object.kind) && !exempt.has(name) && !field.startsWith("metadata.name"),
  );
  test.each(others)("%s is refused", async (_, { object }) => {
    expect(await refusal(object)).toMatch(refused);
  });

  test.each(workloadKinds)("a policy looks at the pods of a %s", async (kind) => {
    expect(await refusal(workload(kind, ownScheduler).object)).toContain("previews use the cluster's scheduler");
  });
});
