import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fingerprint, ignoreFiles } from "../../../src/images/fingerprint.ts";
import type { TreeEntry } from "../../../src/ports/checkouts.ts";
import type { ProjectImage } from "../../../src/project/project.ts";

const image: ProjectImage = { name: "shop/web", context: "web", dockerfile: "web/Dockerfile", args: {} };
const inputs = { dockerfile: "FROM scratch\n", ignore: undefined, platform: "linux/amd64" };

function entry(path: string, content = "1", mode: TreeEntry["mode"] = "100644"): TreeEntry {
  return { path, mode, objectId: content.repeat(40).slice(0, 40) };
}

const tree = [
  entry("README.md"),
  entry("api/server.js"),
  entry("web/Dockerfile"),
  entry("web/a.js"),
  entry("webx/b.js"),
];
const before = fingerprint(image, tree, inputs);

describe("fingerprint", () => {
  test("is a tag", () => {
    expect(before).toMatch(/^g-[0-9a-f]{40}$/);
  });

  test.each([
    ["a file outside of the context", [...tree, entry("api/new.js"), entry("webx/c.js")], {}, {}],
    ["the order of the entries", tree.toReversed(), {}, {}],
    ["an ignored file", [...tree, entry("web/notes.md")], {}, { ignore: undefined }],
    ["the image's name", tree, { name: "other" }, {}],
  ] satisfies Case[])("does not change with %s", (what, entries, changedImage, changedInputs) => {
    const ignore = what === "an ignored file" ? "*.md" : undefined;
    expect(fingerprint({ ...image, ...changedImage }, entries, { ...inputs, ...changedInputs, ignore })).toBe(before);
  });

  test.each([
    ["a file's content", [...tree.slice(0, 3), entry("web/a.js", "2")], {}, {}],
    ["a file's mode", [...tree.slice(0, 3), entry("web/a.js", "1", "100755")], {}, {}],
    ["a link instead of a file", [...tree.slice(0, 3), entry("web/a.js", "1", "120000")], {}, {}],
    ["a file's name", [...tree.slice(0, 3), entry("web/b.js")], {}, {}],
    ["a new file", [...tree, entry("web/z.js")], {}, {}],
    ["a submodule's commit", [...tree, entry("web/lib", "3", "160000")], {}, {}],
    ["the Dockerfile's text", tree, {}, { dockerfile: "FROM busybox\n" }],
    ["the target", tree, { target: "test" }, {}],
    ["an argument", tree, { args: { A: "1" } }, {}],
    ["the platform", tree, {}, { platform: "linux/arm64" }],
    ["the context", tree, { context: "api" }, {}],
  ] satisfies Case[])("changes with %s", (_, entries, changedImage, changedInputs) => {
    expect(fingerprint({ ...image, ...changedImage }, entries, { ...inputs, ...changedInputs })).not.toBe(before);
  });

  test("does not depend on where the context is, nor on the order of the arguments", () => {
    const args = { A: "1", B: "2" };
    const moved = tree.map((each) => ({ ...each, path: each.path.replace(/^web\//, "services/web/") }));
    expect(fingerprint({ ...image, context: "services/web", args: { B: "2", A: "1" } }, moved, inputs)).toBe(
      fingerprint({ ...image, args }, tree, inputs),
    );
  });

  test("the whole repository can be the context", () => {
    const root = { ...image, context: ".", dockerfile: "Dockerfile" };
    expect(fingerprint(root, tree, inputs)).not.toBe(fingerprint(root, [...tree, entry("new")], inputs));
  });

  test("arguments that look alike when joined are told apart", () => {
    const pair = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        const same =
          fingerprint({ ...image, args: a }, tree, inputs) === fingerprint({ ...image, args: b }, tree, inputs);
        expect(same).toBe(isDeepStrictEqual({ ...a }, { ...b }));
      }),
    );
  });
});

type Case = [string, TreeEntry[], Partial<ProjectImage>, Partial<typeof inputs>];

describe("ignoreFiles", () => {
  test("the Dockerfile's own comes first", () => {
    expect(ignoreFiles({ context: "web", dockerfile: "docker/web.Dockerfile" })).toEqual([
      "docker/web.Dockerfile.dockerignore",
      "web/.dockerignore",
    ]);
    expect(ignoreFiles({ context: ".", dockerfile: "Dockerfile" })[1]).toBe(".dockerignore");
  });
});
