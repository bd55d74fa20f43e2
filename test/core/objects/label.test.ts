import { describe, expect, test } from "vitest";
import { guard } from "../../../src/objects/guard.ts";
import { labelObjects, type Owner } from "../../../src/objects/label.ts";
import { podTemplate } from "../../../src/objects/pod-template.ts";
import { at, type Json } from "../../../src/objects/read.ts";
import { podSpecOf, sourced, workload, workloadKinds } from "./builders.ts";
import { harmless } from "./guard-cases.ts";

const owner: Owner = {
  preview: {
    name: "12-shop",
    spec: {
      repository: { id: 42, nodeId: "R_1", fullName: "acme/shop" },
      pullRequest: 12,
      installation: 7,
      want: "running",
    },
  },
  namespace: "preview-12-shop",
  commit: "c".repeat(40),
  attempt: 3,
};
const ours = {
  "greenroom.dev/preview": "12-shop",
  "greenroom.dev/repository": "42",
  "greenroom.dev/pull-request": "12",
};

const account = (name: string, rest: Json = {}) =>
  sourced({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name }, ...rest });
const automount = (wanted: boolean) => account("reader", { automountServiceAccountToken: wanted });

test("an object gets labels, the commit and the namespace beside what it has", () => {
  const input = sourced({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", labels: { app: "a" }, annotations: { b: "c" } },
  });
  const before = structuredClone(input);
  expect(labelObjects([input], owner)[0]?.object.metadata).toEqual({
    name: "a",
    namespace: "preview-12-shop",
    labels: { app: "a", ...ours },
    annotations: { b: "c", "greenroom.dev/commit": owner.commit, "greenroom.dev/attempt": "3" },
  });
  expect(input).toEqual(before);
});

test.each(workloadKinds.filter((kind) => kind !== "Pod"))("the pods of a %s get labels, its selector none", (kind) => {
  const input = workload(kind, { containers: [] });
  const [labelled] = labelObjects([input], owner);
  if (labelled === undefined) throw new Error("nothing labelled");
  expect(podTemplate(labelled.object)?.holder.metadata).toEqual({ labels: { app: "web", ...ours } });
  expect(JSON.stringify(labelled.object.spec)).not.toContain(owner.commit);
  expect(at(labelled.object, "spec", "selector")).toEqual(at(input.object, "spec", "selector"));
});

test("another namespace stays for the guard to refuse, and cluster-scoped objects get none", () => {
  const elsewhere = sourced({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "prod" } });
  const scoped = sourced({ apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } });
  expect(labelObjects([elsewhere, scoped], owner).map(({ object }) => object.metadata.namespace)).toEqual([
    "prod",
    undefined,
  ]);
});

describe("tokens of the API", () => {
  const bound = sourced({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "r" },
    subjects: [{ kind: "ServiceAccount", name: "reader" }],
  });

  test.each([
    ["nothing said", {}, [], false],
    ["the pod says so", { automountServiceAccountToken: true }, [], true],
    ["an account that does not say", { serviceAccountName: "reader" }, [account("reader")], false],
    ["an account that says so", { serviceAccountName: "reader" }, [automount(true)], true],
    ["an account with a Role", { serviceAccountName: "reader" }, [account("reader"), bound], true],
    ["the same by its old name", { serviceAccount: "reader" }, [account("reader"), bound], true],
    ["an account with a Role that says no", { serviceAccountName: "reader" }, [automount(false), bound], false],
    [
      "the pod says no",
      { serviceAccountName: "reader", automountServiceAccountToken: false },
      [automount(true)],
      false,
    ],
    ["another account", { serviceAccountName: "writer" }, [automount(true), bound], false],
  ])("%s", (_, spec, others, expected) => {
    const [web] = labelObjects([workload("Deployment", spec), ...others], owner);
    expect(podSpecOf(web).automountServiceAccountToken).toBe(expected);
  });
});

describe("the pull secret", () => {
  const own = { imagePullSecrets: [{ name: "acme" }] };

  test("goes to accounts of the chart and to pods with secrets of their own", () => {
    const [plain, withOwn, plainAccount, accountWithOwn] = labelObjects(
      [workload("Job", {}), workload("Job", own), account("a"), account("a", own)],
      owner,
    );
    expect(podSpecOf(plain).imagePullSecrets).toBeUndefined();
    expect(podSpecOf(withOwn).imagePullSecrets).toEqual([{ name: "acme" }, { name: "greenroom-registry" }]);
    expect(plainAccount?.object.imagePullSecrets).toEqual([{ name: "greenroom-registry" }]);
    expect(accountWithOwn?.object.imagePullSecrets).toEqual([{ name: "acme" }, { name: "greenroom-registry" }]);
  });
});

test("labelling twice is labelling once, and the guard accepts what was labelled", () => {
  const once = labelObjects(harmless, owner);
  expect(labelObjects(once, owner)).toEqual(once);
  const judged = guard(once, { namespace: owner.namespace, hosts: ["12-shop.preview.example"], kinds: [] });
  expect(judged).toEqual({ violations: [], kept: once, notices: [] });
});
