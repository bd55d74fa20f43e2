import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guard, violationsFailure } from "../../../src/objects/guard.ts";
import { guardRules } from "../../../src/objects/guard-rules.ts";
import type { SourcedObject } from "../../../src/objects/kubernetes-object.ts";
import type { Json } from "../../../src/objects/read.ts";
import { pod, sourced, workload, workloadKinds } from "./builders.ts";
import { allowance, attempts, harmless, object, role } from "./guard-cases.ts";
import { volume } from "./guard-pod-cases.ts";

const refused = (...objects: SourcedObject[]) => guard(objects, allowance).violations;

test("a typical chart passes, object by object and unchanged", () => {
  expect(guard(harmless, allowance)).toEqual({ violations: [], kept: harmless, notices: [] });
});

describe("refused", () => {
  test.each(attempts)("%s", (_, attempt, field, what) => {
    const objects = attempt.object.kind === "RoleBinding" ? [attempt, role()] : [attempt];
    const violations = refused(...objects);
    expect(violations.map((violation) => violation.field)).toContain(field);
    const violation = violations.find((candidate) => candidate.field === field && candidate.what.includes(what));
    expect(violation).toMatchObject({
      object: `${attempt.object.kind}/${attempt.object.metadata.name}`,
      file: "chart/templates/a.yaml",
    });
    expect(violation?.remedy).toMatch(/^[A-Z].+\.$/);
  });

  test("a list in disguise, deeper than lists are taken apart", () => {
    let nested: Json = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, items: [] };
    for (let depth = 0; depth < 9; depth++) nested = { apiVersion: "v1", kind: "List", items: [nested] };
    expect(refused(sourced(nested))).not.toEqual([]);
  });

  test("every line of the table is tried by some row", () => {
    const fields = attempts.map(([, , field]) => field.replaceAll(/\[[^\]]*\]/g, "[]"));
    const untried = guardRules.filter(
      (rule) => !fields.some((field) => field === rule.field || field.endsWith(`.${rule.field}`)),
    );
    expect(untried.map((rule) => rule.field)).toEqual(["items"]);
  });
});

describe("where pods are looked for", () => {
  test.each(workloadKinds)("in a %s", (kind) => {
    const path: Record<string, string> = { Pod: "spec", CronJob: "spec.jobTemplate.spec.template.spec" };
    const at = path[kind] ?? "spec.template.spec";
    expect(refused(workload(kind, { hostPID: true })).map(({ field }) => field)).toEqual([`${at}.hostPID`]);
    for (const containers of ["containers", "initContainers", "ephemeralContainers"]) {
      const spec = { [containers]: [{ name: "c", securityContext: { privileged: true } }] };
      expect(refused(workload(kind, spec)).map(({ field }) => field)).toEqual([
        `${at}.${containers}[c].securityContext.privileged`,
      ]);
    }
  });

  test("annotations of a pod template", () => {
    const deployment = sourced({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: { template: { metadata: { annotations: { "k8s.v1.cni.cncf.io/networks": "host" } }, spec: {} } },
    });
    expect(refused(deployment)).toMatchObject([
      { field: "spec.template.metadata.annotations[k8s.v1.cni.cncf.io/networks]" },
    ]);
  });

  test("claims of StatefulSets and ephemeral volumes", () => {
    const set = sourced({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "db" },
      spec: { volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { volumeName: "pv" } }] },
    });
    expect(refused(set).map(({ field }) => field)).toEqual(["spec.volumeClaimTemplates[0].spec.volumeName"]);
    const ephemeral = volume({ ephemeral: { volumeClaimTemplate: { spec: { volumeName: "pv" } } } });
    expect(refused(ephemeral).map(({ field }) => field)).toEqual([
      "spec.volumes[v].ephemeral.volumeClaimTemplate.spec.volumeName",
    ]);
  });
});

describe("kinds", () => {
  test.each([
    ["v1", "Namespace", "whole cluster"],
    ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "whole cluster"],
    ["rbac.authorization.k8s.io/v1", "ClusterRole", "whole cluster"],
    ["apiextensions.k8s.io/v1", "CustomResourceDefinition", "whole cluster"],
    ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "whole cluster"],
    ["v1", "PersistentVolume", "whole cluster"],
    ["v1", "ResourceQuota", "limits"],
    ["v1", "LimitRange", "limits"],
    ["v1", "Endpoints", "addresses"],
    ["discovery.k8s.io/v1", "EndpointSlice", "addresses"],
    ["v1", "ReplicationController", "do not know"],
    ["cert-manager.io/v1", "Certificate", "operator does not allow"],
    ["acme.dev/v1", "Deployment", "operator does not allow"],
    ["extensions/v1beta1", "Ingress", "no longer served"],
    ["v1", "", "no kind"],
    ["", "Pod", "operator does not allow"],
    ["v1", "constructor", "operator does not allow"],
  ])("%s %s is refused", (apiVersion, kind, what) => {
    const [violation] = refused(object(apiVersion, kind));
    expect(violation).toMatchObject({ object: `${kind}/x`, field: "kind", what: expect.stringContaining(what) });
  });

  test("kinds that the operator allows pass, and the general rules hold for them", () => {
    const kinds = [{ apiVersion: "cert-manager.io/v1", kind: "Certificate", resource: "certificates" }];
    const allowed = object("cert-manager.io/v1", "Certificate", { spec: {} });
    expect(guard([allowed], { ...allowance, kinds }).violations).toEqual([]);
    const elsewhere = sourced({ ...allowed.object, metadata: { name: "x", namespace: "prod" } });
    expect(guard([elsewhere], { ...allowance, kinds }).violations).toMatchObject([{ field: "metadata.namespace" }]);
  });

  test.each([
    { apiVersion: "v1", kind: "List" },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBindingList" },
    { apiVersion: "v1", kind: "ConfigMap" },
  ])("objects inside a $kind are judged one by one", (outer) => {
    const inner = outer.kind.endsWith("BindingList")
      ? {}
      : { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding" };
    const list = sourced({ ...outer, metadata: { name: "x" }, items: [{ ...inner, metadata: { name: "evil" } }] });
    expect(refused(list)).toMatchObject([{ object: "ClusterRoleBinding/evil", field: "kind" }]);
  });
});

test("an object that is there twice is refused, whatever its version", () => {
  const twice = [
    object("autoscaling/v1", "HorizontalPodAutoscaler"),
    object("autoscaling/v2", "HorizontalPodAutoscaler"),
  ];
  expect(refused(...twice)).toMatchObject([
    { field: "metadata.name", what: "is there twice, the first time in `chart/templates/a.yaml`" },
  ]);
});

test("what a preview is better off without is left out, and said", () => {
  const policy = object("networking.k8s.io/v1", "NetworkPolicy", { spec: { podSelector: {}, ingress: [{}] } });
  const budget = object("policy/v1", "PodDisruptionBudget", { spec: { maxUnavailable: 0 } });
  const kept = sourced({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "x", annotations: { "helm.sh/resource-policy": "keep", a: "b" } },
  });
  expect(guard([policy, budget, kept], allowance)).toEqual({
    violations: [],
    kept: [sourced({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", annotations: { a: "b" } } })],
    notices: [
      "`NetworkPolicy/x` is left out: Greenroom sets the preview's own, which a further one could only open.",
      "`PodDisruptionBudget/x` is left out: a preview must not keep a node from being drained.",
      "`ConfigMap/x` is removed with the preview; its annotation `helm.sh/resource-policy` is left out.",
    ],
  });
});

describe("the failure", () => {
  test("of one violation is one sentence", () => {
    expect(violationsFailure(refused(volume({ hostPath: { path: "/" } })))).toEqual({
      kind: "user",
      code: "guard-refused",
      what: "`Pod/web` mounts a directory of its node (`hostPath`): `spec.volumes[v].hostPath` is not allowed in a preview.",
      where: { file: "chart/templates/a.yaml" },
      remedy: "Use `emptyDir`, a ConfigMap or a PersistentVolumeClaim.",
    });
  });

  test("of a kind names the object alone", () => {
    expect(violationsFailure(refused(object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"))).what).toBe(
      "`ClusterRoleBinding/x` belongs to the whole cluster, not to a namespace: such an object is not allowed in a preview.",
    );
  });

  test("of many lists the first five", () => {
    const many = refused(...Array.from({ length: 7 }, (_, index) => pod({ hostPID: true }, `p${index}`)));
    const failure = violationsFailure(many);
    expect(failure.what).toContain("So are 6 other things.");
    expect(failure.evidence?.split("\n")).toHaveLength(5);
    expect(failure.evidence).toContain("Pod/p4 (chart/templates/a.yaml) sees the processes of its node: spec.hostPID");
  });
});

describe("properties", () => {
  const anyJson = fc.jsonValue({ maxDepth: 4 });
  const fieldNames = guardRules.flatMap((rule) => rule.field.split(/[.[\]]+/)).filter((name) => name !== "");
  /** JSON out of the very keys that rules look at. */
  const { node: hostile } = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 6, depthSize: "small" },
      anyJson,
      fc.constantFrom(true, "ALL", "Unconfined", "greenroom-registry"),
      fc.array(tie("node"), { maxLength: 2 }),
      fc.dictionary(
        fc.constantFrom(...fieldNames, "containers", "template", "spec", "metadata", "items"),
        tie("node"),
        { maxKeys: 3 },
      ),
    ),
  }));
  const anyObject = fc
    .tuple(fc.constantFrom(...harmless), hostile, hostile)
    .map(([{ object: known }, spec, items]) =>
      sourced(items === null ? { ...known, spec } : { ...known, spec, items }),
    );

  test("whatever the objects are, it does not throw and does not change them", () => {
    fc.assert(
      fc.property(fc.array(anyObject, { maxLength: 4 }), (objects) => {
        const before = JSON.stringify(objects);
        const { violations, kept } = guard(objects, allowance);
        expect(JSON.stringify(objects)).toBe(before);
        expect(kept.every(({ object: each }) => !Array.isArray(each.items) || violations.length > 0)).toBe(true);
        expect(violations.every(({ remedy, what }) => remedy !== "" && what !== "")).toBe(true);
      }),
    );
  });

  test("no harmless surroundings hide a violation", () => {
    const some = fc.array(fc.constantFrom(...harmless), { maxLength: 5 });
    fc.assert(
      fc.property(some, fc.constantFrom(...attempts), some, fc.nat(3), (before, [, attempt, field], after, lists) => {
        // A binding of the Role that the surroundings happen to bring is no violation.
        fc.pre(attempt.object.kind !== "RoleBinding");
        let wrapped: Json = attempt.object;
        for (let depth = 0; depth < lists; depth++) wrapped = { apiVersion: "v1", kind: "List", items: [wrapped] };
        const violations = guard([...before, sourced(wrapped), ...after], allowance).violations;
        expect(violations.map((violation) => violation.field)).toContain(field);
      }),
    );
  });

  test("what passed passes again, unchanged", () => {
    fc.assert(
      fc.property(fc.array(anyObject, { maxLength: 3 }), (objects) => {
        const first = guard(objects, allowance);
        fc.pre(first.violations.length === 0);
        expect(guard(first.kept, allowance)).toEqual({ violations: [], kept: first.kept, notices: [] });
      }),
    );
  });
});
