import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseImageName } from "../../../src/objects/image-name.ts";
import { type BuiltImage, type ImagePath, placeImages, type Placement } from "../../../src/objects/place-images.ts";
import type { SourcedObject } from "../../../src/objects/kubernetes-object.ts";
import type { Failure } from "../../../src/preview/failure.ts";
import { pod, podSpecOf, sourced, workload, workloadKinds } from "./builders.ts";

const digest = `sha256:${"a".repeat(64)}`;
const web: BuiltImage = { name: "web", reference: `registry.example/greenroom/42/shop-web:t1@${digest}` };
const api: BuiltImage = { name: "acme/api", reference: `registry.example/greenroom/42/api:t2@${digest}` };

function place(objects: SourcedObject[], built: BuiltImage[], imagePaths: ImagePath[] = []): Placement {
  const result = placeImages(objects, built, { imagePaths });
  if (!result.ok) throw new Error(result.failure.what);
  return result.value;
}

function failure(objects: SourcedObject[], built: BuiltImage[], imagePaths: ImagePath[] = []): Failure {
  const result = placeImages(objects, built, { imagePaths });
  if (result.ok) throw new Error("expected a failure");
  return result.failure;
}

describe("which names are the same image", () => {
  test.each([
    ["web", "web", true],
    ["web", "web:latest", true],
    ["web", "web:1.0.3-rc.1", true],
    ["web", `web@${digest}`, true],
    ["web", `web:1@${digest}`, true],
    ["web", "docker.io/web", true],
    ["web", "docker.io/library/web:1", true],
    ["web", "index.docker.io/library/web", true],
    ["web", "library/web", true],
    ["docker.io/library/web", "web", true],
    ["web", "localhost/web", true],
    ["web", "localhost:5000/web:2", true],
    ["web", "ghcr.io/web", true],
    ["acme/api", "ghcr.io/acme/api:v3", true],
    ["ghcr.io/acme/api", "acme/api", true],
    ["web", "acme/web", false],
    ["acme/web", "web", false],
    ["web", "webapp", false],
    ["web", "ghcr.io/library/web", false],
    ["web", "", false],
    ["web", "not an image", false],
    ["web", "{{ .Values.image }}", false],
  ])("built %s, named %s: %s", (name, named, same) => {
    const result = placeImages(
      [pod({ containers: [{ name: "c", image: named }] })],
      [{ name, reference: web.reference }],
      { imagePaths: [] },
    );
    expect(result.ok).toBe(same);
  });

  test("the same path at two hosts goes to the one whose host is named", () => {
    const here = { name: "ghcr.io/acme/api", reference: "r/one" };
    const there = { name: "quay.io/acme/api", reference: "r/two" };
    const { objects } = place([pod({ containers: [{ name: "c", image: "quay.io/acme/api:1" }] })], [here, there]);
    expect(podSpecOf(objects[0]).containers).toEqual([{ name: "c", image: "r/two" }]);
  });
});

describe("where images are placed", () => {
  test.each(workloadKinds)("%s: containers and init containers", (kind) => {
    const input = workload(kind, {
      initContainers: [{ name: "migrate", image: "acme/api:dev" }],
      containers: [
        { name: "web", image: "web:dev" },
        { name: "proxy", image: "nginx:1" },
      ],
    });
    const { objects, placed, unused, notices } = place([input], [web, api]);
    expect(podSpecOf(objects[0])).toEqual({
      initContainers: [{ name: "migrate", image: api.reference }],
      containers: [
        { name: "web", image: web.reference },
        { name: "proxy", image: "nginx:1" },
      ],
    });
    expect(placed).toEqual([
      { image: "acme/api", object: `${kind}/web`, container: "migrate" },
      { image: "web", object: `${kind}/web`, container: "web" },
    ]);
    expect([unused, notices]).toEqual([[], []]);
  });

  test("never in ephemeral containers", () => {
    expect(failure([pod({ containers: [], ephemeralContainers: [{ name: "d", image: "web" }] })], [web]).code).toBe(
      "image-not-used",
    );
  });

  test("hook jobs and helm test pods are like any other", () => {
    const spec = { containers: [{ name: "c", image: "web" }] };
    const job = workload("Job", spec, "web", { annotations: { "helm.sh/hook": "pre-install" } });
    const check = workload("Pod", spec, "check", { annotations: { "helm.sh/hook": "test" } });
    expect(place([job, check], [web]).placed.map(({ object }) => object)).toEqual(["Job/web", "Pod/check"]);
  });

  test("objects inside a List", () => {
    const list = sourced({
      apiVersion: "v1",
      kind: "List",
      items: [workload("Deployment", { containers: [{ name: "c", image: "web" }] }).object],
    });
    expect(place([list], [web]).objects.map(({ object, file }) => [object.kind, file])).toEqual([
      ["Deployment", "chart/templates/a.yaml"],
    ]);
  });

  test("a reference that came by the chart's values counts as used", () => {
    const { placed } = place([pod({ containers: [{ name: "c", image: web.reference }] })], [web]);
    expect(placed).toHaveLength(1);
  });

  test.each([
    ["spec.image", { image: "web:1" }, { image: web.reference }],
    ["{.spec.image}", { image: "web:1" }, { image: web.reference }],
    ["$.spec['image']", { image: "web:1" }, { image: web.reference }],
    [
      "spec.parts[*].image",
      { parts: [{ image: "web" }, { image: "redis" }] },
      { parts: [{ image: web.reference }, { image: "redis" }] },
    ],
    [
      "spec.parts[1].image",
      { parts: [{ image: "web" }, { image: "web" }] },
      { parts: [{ image: "web" }, { image: web.reference }] },
    ],
    [
      "spec.image",
      { image: { repository: "web", tag: "dev", pullPolicy: "Always" } },
      { image: { repository: "registry.example/greenroom/42/shop-web", tag: `t1@${digest}`, pullPolicy: "Always" } },
    ],
  ])("at the configured path %s", (path, spec, expected) => {
    const input = sourced({ apiVersion: "acme.dev/v1", kind: "App", metadata: { name: "a" }, spec });
    const { objects, placed } = place([input], [web], [{ kind: "App", path }]);
    expect(objects[0]?.object.spec).toEqual(expected);
    expect(placed[0]).toMatchObject({ image: "web", object: "App/a" });
  });

  test("a configured path is for its kind only", () => {
    const input = sourced({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { image: "web" } });
    expect(failure([input], [web], [{ kind: "App", path: "data.image" }]).code).toBe("image-not-used");
  });
});

test.each([
  ["Always", "IfNotPresent"],
  ["Never", "IfNotPresent"],
  ["IfNotPresent", "IfNotPresent"],
])("imagePullPolicy %s of a placed image becomes %s; others keep theirs", (policy, expected) => {
  const { objects } = place(
    [
      pod({
        containers: [
          { name: "a", image: "web", imagePullPolicy: policy },
          { name: "b", image: "nginx", imagePullPolicy: policy },
        ],
      }),
    ],
    [web],
  );
  expect(podSpecOf(objects[0]).containers).toMatchObject([{ imagePullPolicy: expected }, { imagePullPolicy: policy }]);
});

describe("images that nothing uses", () => {
  test("one of several is a notice with a suggestion", () => {
    const objects = [
      pod({
        containers: [
          { name: "a", image: "web" },
          { name: "b", image: "acme/apy:1" },
        ],
      }),
    ];
    expect(place(objects, [web, api])).toMatchObject({
      unused: ["acme/api"],
      notices: [
        "Image `acme/api` was built, but no container uses it. Did you mean `acme/apy`, which the objects name?",
      ],
    });
  });

  test("none at all is a failure with the names there are", () => {
    expect(failure([pod({ containers: [{ name: "a", image: "shop-web:1" }] })], [web])).toMatchObject({
      kind: "user",
      code: "image-not-used",
      what: "1 image (`web`) was built, but no container uses it.",
      remedy: expect.stringContaining("The objects name `shop-web`."),
    });
    expect(failure([], [web, api]).remedy).toContain("have no container");
  });

  test("nothing built is nothing to place", () => {
    expect(place([pod({ containers: [{ name: "a", image: "nginx" }] })], [])).toMatchObject({ placed: [], unused: [] });
  });
});

test.each(["", "spec..image", "spec.[", "[x]", "a b", "{}"])("the path %j is refused", (path) => {
  expect(failure([], [web], [{ kind: "App", path }]).code).toBe("image-path-invalid");
});

test.each([
  ["web", { host: "docker.io", path: "web" }],
  ["registry:5000/a/b:c", { host: "registry:5000", path: "a/b" }],
  ["a/b", { host: "docker.io", path: "a/b" }],
  ["a//b", { host: "docker.io", path: "a//b" }],
  ["Web", undefined],
])("parseImageName(%s)", (reference, expected) => {
  expect(parseImageName(reference)).toEqual(expected);
});

const anyJson = fc.jsonValue();
const withoutImages = (objects: SourcedObject[]) =>
  JSON.stringify(objects, (key, value: unknown) => (key === "image" ? "*" : value));

test("property: no object is changed in place, none is lost, and only images differ", () => {
  const image = fc.constantFrom("web", "web:1", "nginx", "acme/api", "", "x/web");
  const container = fc.record({ name: fc.string(), image, env: anyJson }, { requiredKeys: [] });
  const spec = fc.record({ containers: fc.array(container), initContainers: fc.array(container), volumes: anyJson });
  const object = fc.tuple(fc.constantFrom(...workloadKinds), spec).map(([kind, podSpec]) => workload(kind, podSpec));
  fc.assert(
    fc.property(fc.array(object), (objects) => {
      const before = structuredClone(objects);
      const result = placeImages(objects, [web, api], { imagePaths: [] });
      expect(objects).toEqual(before);
      const after = result.ok ? result.value.objects : before;
      expect(withoutImages(after)).toBe(withoutImages(before));
      const again = placeImages(after, [web, api], { imagePaths: [] });
      expect(again.ok ? again.value.objects : before).toEqual(after);
    }),
  );
});

test("property: whatever the objects are, it does not throw", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...workloadKinds, "List"), anyJson, anyJson)), (raw) => {
      const objects = raw.map(([kind, spec, items]) =>
        sourced({ apiVersion: "v1", kind, metadata: { name: "a" }, spec, items }),
      );
      const result = placeImages(objects, [web], { imagePaths: [{ kind: "Pod", path: "spec.a[*].b" }] });
      expect(result.ok || result.failure.code === "image-not-used").toBe(true);
    }),
  );
});
