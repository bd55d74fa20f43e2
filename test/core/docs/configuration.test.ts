import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { configurationFiles } from "../../../infra/docs/configuration.ts";
import { parseConfig } from "../../../src/project/parse-config.ts";

const files = configurationFiles();
const reference = files["docs/configuration.md"] ?? "";

describe("the generated reference of greenroom.yaml", () => {
  test("its example is valid, for the parser and for the published schema", () => {
    const example = reference.match(/```yaml\n([\s\S]*?)```/)?.[1] ?? "";
    expect(parseConfig(example, "greenroom.yaml")).toMatchObject({ ok: true });
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(files["docs/greenroom.schema.json"] ?? ""));
    expect(validate(parse(example))).toBe(true);
    expect(validate(parse(`${example}imagse: []\n`))).toBe(false);
  });

  test("every key is described", () => {
    const rows = reference.split("\n").filter((line) => line.startsWith("| `") && !line.startsWith("| `$"));
    expect(rows.length).toBe(30);
    expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
    for (const key of [
      "chart.valueFiles",
      "chart.imagePaths[].path",
      "images[].args",
      "expose[].port",
      "previews.paths.ignore",
    ]) {
      expect(reference).toContain(`\`${key}\``);
    }
  });

  test.each(Object.keys(files))("%s is up to date", (path) => {
    expect(readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8")).toBe(files[path]);
  });
});
