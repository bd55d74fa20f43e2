import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readProject } from "../../../src/project/read-project.ts";
import { type BrokenCase, describeCase, materialise, type SampleName } from "../../repos/load.ts";
import { projectFiles } from "./project-files.ts";

const root = mkdtempSync(join(tmpdir(), "greenroom-samples-"));
afterAll(() => rmSync(root, { recursive: true }));

async function read(sample: SampleName) {
  const folder = mkdtempSync(join(root, "sample-"));
  await materialise(sample, folder);
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  const texts = paths.map((path) => [relative(".", path), readFileSync(join(folder, path), "utf8")] as const);
  return readProject(projectFiles(Object.fromEntries(texts)));
}

describe("the sample repositories", () => {
  test("shop has a chart, three images and a service with a URL", async () => {
    const project = await read("shop");
    expect(project).toMatchObject({
      ok: true,
      value: { configFile: "greenroom.yaml", source: { kind: "chart", chart: "chart" }, notices: [] },
    });
    const { images = [], expose = [] } = project.ok ? project.value : {};
    expect(images.map(({ name }) => name)).toEqual(["shop/web", "shop/api", "shop/worker"]);
    expect(expose).toEqual([{ name: "web", service: "shop-web", port: 80 }]);
  });

  test("hello has one image at its root", async () => {
    const project = await read("hello");
    expect(project).toMatchObject({ ok: true, value: { images: [{ name: "hello", dockerfile: "Dockerfile" }] } });
  });

  test.each(["config-typo", "wrong-type", "nothing-to-deploy"] satisfies BrokenCase[])(
    "%s is explained with all that its author needs",
    async (name) => {
      const project = await read({ broken: name });
      expect(project.ok).toBe(false);
      const { what = "", remedy = "", evidence = "" } = project.ok ? {} : project.failure;
      const { mentions } = await describeCase(name);
      expect(mentions.filter((text) => !`${what} ${remedy} ${evidence}`.includes(text))).toEqual([]);
    },
  );
});
