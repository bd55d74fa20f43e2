import { describe, expect, test } from "vitest";
import { parseRendered, templateFile } from "../../../src/adapters/helm/render-output.ts";
import { renderFailure } from "../../../src/adapters/helm/render-failure.ts";
import { refusedAccess } from "../../../src/adapters/helm/refused-access.ts";
import { hookIn, releaseError } from "../../../src/adapters/helm/release-failure.ts";
import { decodeRelease, encodeRelease } from "../../../src/adapters/helm/release-secret.ts";
import { sandboxed } from "../../../src/adapters/helm/sandbox.ts";
import { SupersededError } from "../../../src/ports/records.ts";
import { FailureError } from "../../../src/preview/failure.ts";

const source = (file: string) => `annotations: {postrenderer.helm.sh/postrender-filename: '${file}'}`;

const failureOf = (error: Error) => {
  if (error instanceof FailureError) return error.failure;
  throw error;
};

const value = (yaml: string) => {
  const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, ${source("shop/templates/a.yaml")}}\nvalue: ${yaml}\n`;
  return parseRendered(text, "chart")[0]?.object["value"];
};

describe("a rendered chart", () => {
  test.each([
    ["0644", 420],
    ["0o644", "0o644"],
    ["yes", true],
    ["off", false],
    ["'yes'", "yes"],
    ["22:22", "22:22"],
    ["2026-01-01", "2026-01-01"],
    ["~", null],
    ["1e3", 1000],
    ["1.20", 1.2],
    ["!!binary aGk=", "aGk="],
    ["{a: 1, a: 2}", { a: 2 }],
  ])("%s is read as Kubernetes reads it", (yaml, expected) => {
    expect(value(yaml)).toEqual(expected);
  });

  test("loses Helm's own annotation and keeps the others", () => {
    const text = [
      `apiVersion: v1\nkind: A\nmetadata: {name: a, ${source("shop/templates/a.yaml")}}`,
      `apiVersion: v1\nkind: B\nmetadata: {name: b, annotations: {keep: me, postrenderer.helm.sh/postrender-filename: 'shop/charts/db/templates/b.yaml'}}`,
    ].join("\n---\n");
    expect(parseRendered(text, "deploy/chart")).toEqual([
      { object: { apiVersion: "v1", kind: "A", metadata: { name: "a" } }, file: "deploy/chart/templates/a.yaml" },
      {
        object: { apiVersion: "v1", kind: "B", metadata: { name: "b", annotations: { keep: "me" } } },
        file: "deploy/chart/charts/db/templates/b.yaml",
      },
    ]);
  });

  test("nothing is no object", () => {
    expect(parseRendered("", "chart")).toEqual([]);
    expect(parseRendered("---\n# only a comment\n---\n", "chart")).toEqual([]);
  });

  test.each([
    ["a: 1", "apiVersion"],
    ["apiVersion: v1\nkind: ConfigMap\nmetadata: {}", "metadata.name"],
    ["- a", "apiVersion"],
    [
      `a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]`,
      "aliases",
    ],
  ])("refuses %j", (text, expected) => {
    expect(() => parseRendered(text, "chart")).toThrow(expected);
  });

  test("a source that points outside of the chart is the chart", () => {
    expect(templateFile("chart", "shop/../../../etc/passwd")).toBe("chart");
  });
});

const failure = (stderr: string, code = 1) => failureOf(renderFailure(code, stderr, "chart", "/checkout"));

describe("Helm's words about a chart", () => {
  test.each([
    [
      'Error: shop/templates/a.yaml:2:13\n  executing "shop/templates/a.yaml" at <.Values.x.y>:\n    nil pointer evaluating interface {}.y\n\nUse --debug flag to render out invalid YAML\n',
      { where: { file: "chart/templates/a.yaml", line: 2 } },
    ],
    [
      'Error: template: shop/templates/a.yaml:12:14: executing "shop/templates/a.yaml" at <lookup>: secrets is forbidden',
      { where: { file: "chart/templates/a.yaml", line: 12 } },
    ],
    [
      'Error: shop/templates/a.yaml:2:6\n  executing "shop/templates/a.yaml" at <include "h" .>:\n    error calling include:\nshop/templates/_h.tpl:7:26\n  executing "h" at <.Values.q.r>:\n    nil pointer',
      { where: { file: "chart/templates/_h.tpl", line: 7 } },
    ],
    [
      "Error: parse error at (shop/templates/a.yaml:2): unexpected <.> in operand",
      { where: { file: "chart/templates/a.yaml", line: 2 } },
    ],
    [
      "Error: execution error at (shop/templates/a.yaml:2:6): image is needed",
      { where: { file: "chart/templates/a.yaml", line: 2 } },
    ],
    [
      "Error: error merging manifests: parsing shop/templates/a.yaml: MalformedYAMLError: yaml: line 2: mapping values are not allowed in this context",
      { where: { file: "chart/templates/a.yaml" } },
    ],
    [
      "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nshop:\n- at '/replicas': got string, want integer\n",
      { code: "chart-values-invalid" },
    ],
    [
      "Error: an error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: postgresql, redis",
      { code: "chart-dependency-missing", what: expect.stringContaining("postgresql, redis") },
    ],
    [
      "Error: cannot load values.yaml: cannot unmarshal yaml document: error converting YAML to JSON: yaml: line 1: did not find expected node content",
      { where: { file: "chart/values.yaml" } },
    ],
  ])("%j", (stderr, expected) => {
    expect(failure(stderr)).toMatchObject({ kind: "user", ...expected });
  });

  test.each([
    ["fatal error: runtime: out of memory\n\ngoroutine 1", 2, "user", "chart-too-costly"],
    ["", 137, "user", "chart-too-costly"],
    ["", 152, "user", "chart-too-costly"],
    ["bwrap: No permissions to create new namespace", 1, "operator", "sandbox-unavailable"],
    [
      "Error: cluster reachability check failed: kubernetes cluster unreachable: dial tcp: connection refused",
      1,
      "transient",
      "kubernetes-unavailable",
    ],
  ])("%j with exit code %d", (stderr, code, kind, expected) => {
    expect(failure(stderr, code)).toMatchObject({ kind, code: expected });
  });

  test("no path of ours is shown", () => {
    expect(failure("Error: open /checkout/chart/nope.yaml: no such file or directory").evidence).toBe(
      "open chart/nope.yaml: no such file or directory",
    );
  });

  test("a recursion is shown by its ends", () => {
    const evidence = failure(`Error: start ${"again ".repeat(5_000)} end`).evidence ?? "";
    expect(evidence.startsWith("start again")).toBe(true);
    expect(evidence.endsWith("end")).toBe(true);
    expect(evidence.length).toBeLessThan(2_100);
  });
});

describe("Helm's words about a release", () => {
  const hookFailed =
    "Error: UPGRADE FAILED: pre-upgrade hooks failed: resource Job/preview-1/migrate not ready. status: Failed, message: Job Failed. failed: 1/1";

  test("a failed hook is named and shown by its log", () => {
    expect(hookIn(hookFailed)).toEqual({ kind: "Job", name: "migrate" });
    expect(failureOf(releaseError(hookFailed, "boom"))).toMatchObject({ code: "hook-failed", evidence: "boom" });
    const late = hookFailed.replace("status: Failed", "status: InProgress").concat("\ncontext deadline exceeded");
    expect(failureOf(releaseError(late, undefined))).toMatchObject({ kind: "user", code: "hook-timed-out" });
  });

  test.each([
    [
      "Error: UPGRADE FAILED: failed to create resource: failed to create typed patch object (preview-1/web; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got string",
      "object-invalid",
      "Deployment/web",
    ],
    [
      'Error: UPGRADE FAILED: failed to create resource: Service "web" is invalid: spec.ports[0].port: Invalid value: 99999',
      "object-invalid",
      "Service/web",
    ],
    [
      'Error: UPGRADE FAILED: unable to continue with update: could not get information about the resource ClusterRole "d" in namespace "": clusterroles.rbac.authorization.k8s.io "d" is forbidden: User "system:serviceaccount:greenroom-deployers:1-shop-1" cannot get resource',
      "object-forbidden",
      "ClusterRole/d",
    ],
    [
      'Error: UPGRADE FAILED: failed to create resource: pods "shell" is forbidden: violates PodSecurity "baseline:latest": host namespaces',
      "pod-security",
      "pods/shell",
    ],
    [
      'Error: UPGRADE FAILED: failed to create resource: persistentvolumeclaims "data" is forbidden: exceeded quota: greenroom',
      "quota-exceeded",
      "persistentvolumeclaims/data",
    ],
    [
      'Error: INSTALLATION FAILED: resource mapping not found for name: "d": no matches for kind "Foo" in version "x.io/v1"',
      "kind-unknown",
      "kind of object",
    ],
  ])("%j", (stderr, code, what) => {
    expect(failureOf(releaseError(stderr, undefined))).toMatchObject({
      kind: "user",
      code,
      what: expect.stringContaining(what),
    });
  });

  test.each([
    'Error: create: failed to create: namespaces "preview-1-shop" not found',
    'Error: failed pre-install: 1 error occurred:\n\t* jobs.batch "migrate" is forbidden: unable to create new content in namespace preview-1-shop because it is being terminated\n',
  ])("a namespace that is gone or goes is made anew: %s", (stderr) => {
    expect(failureOf(releaseError(stderr, undefined))).toMatchObject({ kind: "transient", code: "namespace-gone" });
  });

  test("an account that is gone is no failure of the pull request", () => {
    const stderr = "Error: kubernetes cluster unreachable: the server has asked for the client to provide credentials";
    expect(releaseError(stderr, undefined)).toBeInstanceOf(SupersededError);
  });
});

describe("a stored release", () => {
  test("survives being read and written, with what we do not know", () => {
    const release = {
      name: "shop",
      version: 3,
      info: { status: "pending-upgrade", first_deployed: "x" },
      hooks: [{ a: "ü" }],
    };
    expect(decodeRelease(encodeRelease(release))).toEqual(release);
  });
});

describe("the sandbox", () => {
  const program = {
    program: "/opt/helm",
    args: ["template", "a"],
    env: { HELM_PLUGINS: "/greenroom/plugins" },
    mounts: [
      { host: "/data/checkout", inside: "/checkout" },
      { host: "/tmp/out", inside: "/greenroom/output", writable: true },
    ],
    limits: { memoryBytes: 1_000, cpuSeconds: 2, fileBytes: 3_000 },
  };

  test("shows the program its mounts, and only what is said to be writable can be written", () => {
    const { command, args } = sandboxed("bwrap", program);
    const text = args.join(" ");
    expect(command).toBe("prlimit");
    expect(text).toContain("--data=1000 --cpu=2 --fsize=3000 --core=0 -- bwrap");
    for (const part of ["--unshare-all", "--clearenv", "--die-with-parent", "--uid 65534", "--cap-drop ALL"])
      expect(text).toContain(part);
    expect(text).toContain("--ro-bind /data/checkout /checkout");
    expect(args.filter((each) => each === "--bind")).toHaveLength(1);
    expect(text).toContain("--bind /tmp/out /greenroom/output");
    expect(text.endsWith("-- /usr/bin/program template a")).toBe(true);
  });

  test("without one the limits stay", () => {
    const { command, args } = sandboxed("none", program);
    expect([command, ...args].join(" ")).toBe(
      "prlimit --data=1000 --cpu=2 --fsize=3000 --core=0 -- /opt/helm template a",
    );
  });
});

describe("what was refused to Helm", () => {
  const refused = 'Error: jobs.batch "prepare" is forbidden: User "system:serviceaccount:d:a" cannot';

  test("is read from the API server's words", () => {
    expect(
      refusedAccess(`${refused} delete resource "jobs" in API group "batch" in the namespace "preview-1"`),
    ).toEqual({
      verb: "delete",
      group: "batch",
      resource: "jobs",
      namespace: "preview-1",
    });
    expect(refusedAccess(`${refused} get resource "pods/log" in API group "" at the cluster scope`)).toEqual({
      verb: "get",
      group: "",
      resource: "pods",
      subresource: "log",
    });
  });

  test("is not read from what admission says", () => {
    expect(refusedAccess('pods "web" is forbidden: violates PodSecurity "baseline:latest"')).toBeUndefined();
  });
});
