import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { commandFiles } from "../../../infra/docs/commands.ts";
import { commentFiles } from "../../../infra/docs/comments.ts";
import { crdFiles } from "../../../infra/docs/crd.ts";
import { guardFiles } from "../../../infra/docs/guard.ts";
import { settingsFiles } from "../../../infra/docs/settings.ts";
import { labPackages, pageTestPackages } from "../../../infra/local/supply/debian.ts";
import { parseConfig } from "../../../src/project/parse-config.ts";
import { settingsSchema } from "../../../src/settings.ts";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

const names = z.record(z.string(), z.string());
const manifest = z
  .object({ scripts: names, dependencies: names, devDependencies: names })
  .parse(JSON.parse(read("package.json")));

/** Every Markdown file of this repository, but not those that tests work with. */
const documents = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && !path.startsWith("test/") && existsSync(join(root, path)));

/** Text without code, in which brackets are no links. */
const prose = (text: string) => text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");

/** GitHub's anchor of a heading. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");

const headings = (text: string) => [...text.matchAll(/^#{1,6} (.*)$/gm)].map((match) => anchor(match[1] ?? ""));

function brokenLinks(document: string): string[] {
  const links = [...prose(read(document)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return links.filter((link) => {
    if (/^(https?|mailto):/.test(link)) return false;
    const [path = "", fragment] = link.split("#");
    const target = path === "" ? document : normalize(join(dirname(document), path));
    if (!existsSync(join(root, target))) return true;
    return fragment !== undefined && !headings(read(target)).includes(fragment);
  });
}

describe("the documents", () => {
  test("are found", () => {
    expect(documents).toEqual(expect.arrayContaining(["README.md", "docs/security.md", "docs/install.md"]));
  });

  test.each(documents)("%s links to what exists", (document) => {
    expect(brokenLinks(document)).toEqual([]);
  });

  test.each(documents)("%s names npm scripts that exist", (document) => {
    const named = [...read(document).matchAll(/\bnpm (?:run ([\w:-]+)|(test)\b)/g)].map(
      (match) => match[1] ?? match[2] ?? "",
    );
    expect(named.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
  });

  test.each(documents)("%s names files and tests that exist", (document) => {
    const named = [...read(document).matchAll(/`((?:src|test|infra|charts|workers|docs)\/[\w./-]+)`/g)].map(
      (match) => match[1] ?? "",
    );
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test.each(documents)("%s names settings that exist", (document) => {
    const ofTheLab = ["GREENROOM_LAB_STATE", "GREENROOM_CACHE", "GREENROOM_BUILD_ALLOW"];
    const known = new Set([...Object.keys(settingsSchema.shape), ...ofTheLab]);
    const named = [...read(document).matchAll(/\bGREENROOM_[A-Z_]*[A-Z]\b/g)].map((match) => match[0]);
    expect(named.filter((name) => !known.has(name) && !known.has(name.replace(/_FILE$/, "")))).toEqual([]);
  });
});

test.each(Object.entries({ ...commandFiles(), ...commentFiles(), ...settingsFiles(), ...crdFiles(), ...guardFiles() }))(
  "%s is what the generator writes",
  (path, content) => {
    expect(read(path)).toBe(content);
  },
);

test("the README's greenroom.yaml is a valid one", () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(read("README.md"))?.[1] ?? "";
  expect(example).toContain("chart:");
  expect(parseConfig(example, "greenroom.yaml")).toMatchObject({ ok: true });
});

describe("dependencies.md", () => {
  const sections = new Map(
    read("docs/dependencies.md")
      .split(/^## /m)
      .map((section): [string, string] => [section.split("\n")[0] ?? "", section]),
  );
  const rowsOf = (title: string) =>
    [...(sections.get(title) ?? "").matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? "").toSorted();

  test("has every npm package once", () => {
    expect(rowsOf("npm, for running Greenroom")).toEqual(Object.keys(manifest.dependencies).toSorted());
    expect(rowsOf("npm, for development")).toEqual(Object.keys(manifest.devDependencies).toSorted());
  });

  test("has every Go module that is asked for directly", () => {
    const modules = ["infra/local/kubernetes/go.mod", "infra/local/kubernetes/coredns/go.mod"].flatMap((path) =>
      [...read(path).matchAll(/^(?:require |\t)([\w./-]+) v\S+$/gm)].map((match) => match[1] ?? ""),
    );
    const tools = [...read("infra/local/buildkit/go.mod").matchAll(/^\t(\S+)\/cmd\/\w+$/gm)];
    modules.push(...new Set(tools.map((match) => match[1] ?? "")));
    expect(rowsOf("Go modules, for the lab")).toEqual(modules.toSorted());
  });

  test("has every Debian package", () => {
    const packages = Object.keys({ ...labPackages, ...pageTestPackages });
    expect(rowsOf("Debian packages, for the lab")).toEqual(packages.toSorted());
  });
});
