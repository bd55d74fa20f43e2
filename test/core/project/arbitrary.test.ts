import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readProject } from "../../../src/project/read-project.ts";
import { projectFiles } from "./project-files.ts";

/** What is wrong with the answer to a repository: it is read, or refused in words that say what to do. */
async function complaints(files: Record<string, string>): Promise<string[]> {
  const project = await readProject(projectFiles(files));
  if (project.ok) return [];
  const { kind, what, remedy } = project.failure;
  return [
    ...(kind === "user" ? [] : [`a failure of kind ${kind}`]),
    ...(what === "" || what.length > 5_000 ? [`${what.length} characters of explanation`] : []),
    ...(remedy === "" ? ["no remedy"] : []),
  ];
}

const keys = [
  "chart",
  "images",
  "expose",
  "set",
  "previews",
  "path",
  "name",
  "context",
  "values",
  "release",
  "default",
];
const nested = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom("${set.X}", "${", "../up", "chart", ".", 80, -1, "1h", "a".repeat(600)),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), tie("value"), { maxKeys: 4 }),
  ),
})).value;

const around = { "chart/Chart.yaml": "name: x\nversion: 1.0.0\napiVersion: v2\n", Dockerfile: "FROM scratch\n" };

test("any text as greenroom.yaml", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: "binary" })), async (text) => {
      expect(await complaints({ ...around, "greenroom.yaml": text })).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("any document of known keys and odd values as greenroom.yaml", async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...keys), nested, { maxKeys: 5 }), async (document) => {
      expect(await complaints({ ...around, "greenroom.yaml": JSON.stringify(document) })).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test("any Dockerfile, with no configuration", async () => {
  const lines = fc.array(fc.oneof(fc.constantFrom("FROM a", "EXPOSE 80", "EXPOSE $X", "FROM", "\\", "#"), fc.string()));
  await fc.assert(
    fc.asyncProperty(lines, async (texts) => {
      expect(await complaints({ Dockerfile: texts.join("\n") })).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
