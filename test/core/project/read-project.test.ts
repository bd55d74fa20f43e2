import { describe, expect, test } from "vitest";
import { readProject } from "../../../src/project/read-project.ts";
import { projectFiles } from "./project-files.ts";

async function project(files: Record<string, string>) {
  const result = await readProject(projectFiles(files));
  if (!result.ok) throw new Error(result.failure.what);
  return result.value;
}

async function failure(files: Record<string, string>) {
  const result = await readProject(projectFiles(files));
  if (result.ok) throw new Error("expected a failure");
  return result.failure;
}

const chart = { "chart/Chart.yaml": "apiVersion: v2\nname: shop\n", "chart/values.yaml": "" };

describe("with greenroom.yaml", () => {
  const files = {
    ...chart,
    "values/preview.yaml": "",
    "services/web/Dockerfile": "",
    "services/api/docker/Dockerfile.prod": "",
  };
  const config = `
chart:
  path: ./chart/
  valueFiles: [values/preview.yaml]
  values: {url: "\${url.web}", image: "\${image.web}"}
  imagePaths: [{kind: Site, path: spec.image}]
images:
  - {name: shop/web, context: services/web}
  - {name: shop/api, context: services/api/, dockerfile: docker/Dockerfile.prod, target: run, args: {V: "\${sha}"}}
expose:
  - {name: web, service: shop-web, port: 80}
`;

  test("reads paths from the root, and a Dockerfile from its context", async () => {
    expect(await project({ ...files, "greenroom.yaml": config })).toEqual({
      configFile: "greenroom.yaml",
      declared: [],
      source: {
        kind: "chart",
        chart: "chart",
        release: "preview",
        valueFiles: ["values/preview.yaml"],
        values: { url: "${url.web}", image: "${image.web}" },
      },
      images: [
        { name: "shop/web", context: "services/web", dockerfile: "services/web/Dockerfile", args: {} },
        {
          name: "shop/api",
          context: "services/api",
          dockerfile: "services/api/docker/Dockerfile.prod",
          target: "run",
          args: { V: "${sha}" },
        },
      ],
      imagePaths: [{ kind: "Site", path: "spec.image" }],
      expose: [{ name: "web", service: "shop-web", port: 80 }],
      notices: [],
    });
  });

  test("may be in .github, and says what it does not read", async () => {
    expect((await project({ ...files, ".github/greenroom.yaml": config })).configFile).toBe(".github/greenroom.yaml");
    const both = await project({
      ...files,
      "greenroom.yaml": config,
      ".github/greenroom.yaml": "x: y",
      "greenroom.yml": "",
    });
    expect(both.notices).toEqual([
      "`.github/greenroom.yaml` is not read, since there is `greenroom.yaml`.",
      "`greenroom.yml` is not read, since there is `greenroom.yaml`.",
    ]);
  });

  test.each([
    ["a chart that is not there", "chart:\n  path: charts\n", 2, "no Chart.yaml in it; did you mean `chart`?"],
    [
      "a value file that is not there",
      "chart:\n  path: chart\n  valueFiles:\n    - values/previw.yaml\n",
      4,
      "did you mean `values/preview.yaml`?",
    ],
    [
      "a context that is not there",
      "images:\n  - name: web\n    context: services/wbe\n",
      3,
      "no Dockerfile at `services/wbe/Dockerfile`; did you mean `services/web`?",
    ],
    [
      "a Dockerfile that is not there",
      "images:\n  - name: web\n    context: services/web\n    dockerfile: Dockerfile.prod\n",
      4,
      "no Dockerfile at `services/web/Dockerfile.prod`",
    ],
    [
      "a Dockerfile outside of the repository",
      "images:\n  - name: web\n    context: services/web\n    dockerfile: ../../../Dockerfile\n",
      4,
      "inside the repository",
    ],
    [
      "an image twice",
      "images:\n  - {name: web, context: services/web}\n  - {name: web, context: services/web}\n",
      3,
      "the image `web` is there twice",
    ],
    [
      "a service twice",
      "expose:\n  - {name: web, service: a, port: 1}\n  - {name: web, service: b, port: 1}\n",
      3,
      "`web` is exposed twice",
    ],
    [
      "an unknown variable",
      "chart:\n  path: chart\n  values:\n    a:\n      - ${url.wbe}\nexpose: [{name: web, service: a, port: 1}]\n",
      5,
      "`${url.wbe}` is not known; did you mean `${url.web}`?",
    ],
    ["a variable without its end", 'chart:\n  path: chart\n  values:\n    a: "${sha"\n', 4, "has no closing `}`"],
    [
      "an image in a build argument",
      "images:\n  - name: web\n    context: services/web\n    args:\n      A: ${image.web}\n",
      5,
      "`${image.web}` is not known",
    ],
  ])("%s", async (_, text, line, what) => {
    expect(await failure({ ...files, "greenroom.yaml": text })).toMatchObject({
      code: "config-invalid",
      where: { file: "greenroom.yaml", line },
      what: expect.stringContaining(what),
    });
  });

  test("a Dockerfile beside the context is allowed", async () => {
    const text = "images:\n  - {name: web, context: services/web, dockerfile: ../api/docker/Dockerfile.prod}\n";
    expect((await project({ ...files, "greenroom.yaml": text })).images[0]?.dockerfile).toBe(
      "services/api/docker/Dockerfile.prod",
    );
  });

  test("what it leaves out is looked for", async () => {
    const text = "expose:\n  - {name: web, service: shop, port: 80}\n";
    const found = await project({ ...files, "greenroom.yaml": text });
    expect(found.source).toMatchObject({ kind: "chart", chart: "chart" });
    expect(found.images.map(({ name }) => name)).toEqual(["web"]);
  });
});

describe("without greenroom.yaml", () => {
  test.each([
    ["the root", { "Chart.yaml": "", "chart/Chart.yaml": "" }, "."],
    ["chart/", { ...chart, "charts/x/Chart.yaml": "" }, "chart"],
    ["charts/*", { "charts/shop/Chart.yaml": "", "deploy/Chart.yaml": "" }, "charts/shop"],
    ["helm/", { "helm/Chart.yaml": "" }, "helm"],
    ["helm/*", { "helm/shop/Chart.yaml": "" }, "helm/shop"],
    ["deploy/chart", { "deploy/chart/Chart.yaml": "" }, "deploy/chart"],
    ["not its dependencies", { ...chart, "chart/charts/redis/Chart.yaml": "" }, "chart"],
  ])("finds a chart in %s", async (_, files, expected) => {
    expect((await project(files)).source).toMatchObject({
      kind: "chart",
      chart: expected,
      release: "preview",
      values: {},
    });
  });

  test("names images as the chart does, else as their folder", async () => {
    const found = await project({
      ...chart,
      "chart/values.yaml":
        "web:\n  image: registry.example:5000/shop/web:1.0\napi: {image: {repository: team/shop-api}}\n",
      "services/web/Dockerfile": "",
      "services/api/Dockerfile": "",
      "services/Worker Node/Dockerfile": "",
      "chart/Dockerfile": "",
      "node_modules/x/Dockerfile": "",
      "test/Dockerfile": "",
      "a/b/c/d/Dockerfile": "",
    });
    expect(found.images.map(({ name, context }) => [name, context])).toEqual([
      ["worker-node", "services/Worker Node"],
      ["team/shop-api", "services/api"],
      ["shop/web", "services/web"],
    ]);
    expect(found.expose).toEqual([]);
    expect(found.notices.join()).toContain("`services/web/Dockerfile`");
  });

  test("the root's image goes by the chart's name, and folders of one name are told apart", async () => {
    const found = await project({ ...chart, Dockerfile: "", "a/web/Dockerfile": "", "b/web/Dockerfile": "" });
    expect(found.images.map(({ name }) => name)).toEqual(["shop", "web", "b-web"]);
  });

  test("a chart alone is deployed, with a notice that nothing is built", async () => {
    const found = await project(chart);
    expect(found.images).toEqual([]);
    expect(found.notices.join()).toContain("No image is built");
  });

  test("a Dockerfile alone runs by Greenroom's own chart, on the port it exposes", async () => {
    const found = await project({ "app/Dockerfile": "FROM x AS a\nEXPOSE 1\nFROM y\nEXPOSE 53/udp 3000/tcp\n" });
    expect(found.source).toMatchObject({
      kind: "dockerfile",
      chart: "preview",
      release: "preview",
      values: { image: "app", containerPort: 3000, servicePort: 80 },
    });
    expect(found.images).toEqual([{ name: "app", context: "app", dockerfile: "app/Dockerfile", args: {} }]);
    expect(found.expose).toEqual([{ name: "web", service: "preview", port: 80 }]);
  });

  test("a Dockerfile alone takes the configured service's name and port", async () => {
    const found = await project({
      Dockerfile: "FROM x\n",
      "greenroom.yaml": "expose:\n  - {name: site, service: site, port: 8000}\n",
    });
    expect(found.source).toMatchObject({ release: "site", values: { containerPort: 8080, servicePort: 8000 } });
    expect(found.expose).toEqual([{ name: "site", service: "site", port: 8000 }]);
  });

  test("says what was looked for where there is nothing", async () => {
    const nothing = await failure({ "README.md": "", "greenroom.yaml": "expose: [{name: web, service: a, port: 80}]" });
    expect(nothing).toMatchObject({ kind: "user", code: "nothing-to-deploy" });
    expect(nothing.what).toContain("Chart.yaml");
    expect(nothing.what).toContain("Dockerfile");
  });

  test("does not choose among charts, nor run several Dockerfiles without one", async () => {
    const charts = await failure({ "charts/a/Chart.yaml": "", "charts/b/Chart.yaml": "" });
    expect(charts).toMatchObject({
      code: "several-charts",
      what: expect.stringContaining("`charts/a` and `charts/b`"),
    });
    const dockerfiles = await failure({ "a/Dockerfile": "", "b/Dockerfile": "" });
    expect(dockerfiles).toMatchObject({ code: "chart-missing", what: expect.stringContaining("`a/Dockerfile`") });
  });
});
