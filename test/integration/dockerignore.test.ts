import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readLabStatus } from "../../infra/local/lab/status.ts";
import { runProgram } from "../../src/adapters/run-program.ts";
import { dockerignore } from "../../src/images/dockerignore.ts";

const paths = [
  "Dockerfile",
  "README.md",
  "a",
  "a-b",
  "a.md",
  "node_modules/x/index.js",
  "src/a.js",
  "src/a.test.js",
  "src/deep/b.js",
  "src/deep/keep.md",
  "src/deep/er/c.js",
  "docs/one.md",
  "docs/two/keep.md",
  "docs/two/three.md",
  "x*y",
  "x1y",
  "[b]",
  "b",
  ".hidden",
  ".git-like/config",
  "grün/ä.txt",
  "with space/f",
  "vendor/lib/a",
  "vendor/lib/b/c",
];

const root = mkdtempSync(join(tmpdir(), "greenroom-dockerignore-"));
afterAll(() => rmSync(root, { recursive: true }));

/** The files that BuildKit takes from a context, by copying all of it into an empty image and that to a folder. */
async function contextOf(ignore: string): Promise<string[]> {
  const lab = await readLabStatus();
  if (lab === undefined) throw new Error("the lab does not run; start it with: npm run lab -- up --detach");
  const context = mkdtempSync(join(root, "context-"));
  const output = mkdtempSync(join(root, "output-"));
  for (const path of paths) {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    writeFileSync(join(context, path), path === "Dockerfile" ? "FROM scratch\nCOPY . /\n" : path);
  }
  writeFileSync(join(context, ".dockerignore"), ignore);
  const folders = ["--local", `context=${context}`, "--local", `dockerfile=${context}`];
  const result = await runProgram(
    lab.tools.buildctl,
    ["--addr", lab.buildkit, "build", "--frontend=dockerfile.v0", ...folders, "--output", `type=local,dest=${output}`],
    { env: { PATH: process.env["PATH"] ?? "", HOME: root }, signal: AbortSignal.timeout(60_000), deadlineMs: 60_000 },
  );
  if (result.code !== 0) throw new Error(result.stderr);
  return readdirSync(output, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !statSync(path).isDirectory())
    .map((path) => relative(output, path))
    .filter((path) => path !== ".dockerignore");
}

test.each([
  ["node_modules\n"],
  ["**/*.md\n!README.md\n"],
  ["*\n!src\n"],
  ["**\n!src/**/*.js\nsrc/**/*.test.js\n"],
  ["docs\n!docs/two/keep.md\n"],
  ["docs/\n!docs/two\ndocs/two/three.md\n"],
  ["# comment\n\n  /src/deep  \n!src/deep/er\n"],
  ["src/*/\n"],
  ["**/deep\n!**/keep.md\n"],
  ["x\\*y\n\\[b\\]\n"],
  ["?\n[a-b]-?\n[^.R]*.md\n"],
  [".*\n"],
  ["./a/../docs/./one.md\n"],
  ["**file\n**b\n"],
  ["gr?n\n* space\n"],
  ["vendor/**\n!vendor/lib/b/\n"],
  ["!vendor\nvendor/lib\n!vendor/lib/a\n"],
  ["a**\n"],
  ["*/*/*\n!src/deep/b.js\n"],
])("BuildKit and we see the same context: %j", async (ignore) => {
  const isIgnored = dockerignore(ignore);
  const ours = paths.filter((path) => !isIgnored(path));
  expect(ours.toSorted()).toEqual((await contextOf(ignore)).toSorted());
});
