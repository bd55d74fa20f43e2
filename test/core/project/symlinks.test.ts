import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapingSymlinks } from "../../../src/project/symlinks.ts";

/** `"path -> target"`, as `ls -l` prints a link. */
function links(...lines: string[]) {
  return lines.map((line) => {
    const [path = "", target = ""] = line.split(" -> ");
    return { path, target };
  });
}

describe("escapingSymlinks", () => {
  test.each([
    ["a file beside it", ["a -> b"]],
    ["a file above it, inside", ["charts/web/values.yaml -> ../../values.yaml"]],
    ["the root itself", ["deep/er/root -> ../.."]],
    ["through another link", ["current -> v2", "file -> current/file"]],
    ["a dangling link that would be inside", ["a -> nowhere/at/all"]],
    ["dots and empty components", ["a/b -> .//./c/../d"]],
    ["a name that only starts like .git", ["a -> .github/workflows", "b -> .gitignore"]],
    ["a link that climbs out of the real folder of another link, inside", ["l -> a/b/c", "m -> l/../x"]],
  ])("allows %s", (_, lines) => {
    expect(escapingSymlinks(links(...lines))).toEqual([]);
  });

  test.each([
    ["an absolute target", ["a -> /etc/passwd"], ["a"]],
    ["climbing out", ["a -> ../b"], ["a"]],
    ["climbing out of a folder", ["x/y/a -> ../../../proc/self/environ"], ["x/y/a"]],
    ["climbing out and back in", ["a -> ../checkout/b"], ["a"]],
    ["a chain", ["a -> b", "b -> c", "c -> ../out"], ["a", "b", "c"]],
    ["`..` behind a link", ["d/up -> ..", "a -> d/up/../x"], ["a"]],
    ["a loop", ["a -> b", "b -> a", "self -> self"], ["a", "b", "self"]],
    ["a target into .git", ["a -> .git/config", "b/c -> ../.GIT", "sub/d -> .git"], ["a", "b/c", "sub/d"]],
    ["a NUL byte", ["a -> b\0c"], ["a"]],
  ])("refuses %s", (_, lines, refused) => {
    expect(escapingSymlinks(links(...lines)).map((link) => link.path)).toEqual(refused);
  });

  test("never allows what the kernel resolves to outside", () => {
    const name = fc.constantFrom("a", "b", "c");
    const component = fc.oneof({ weight: 2, arbitrary: name }, fc.constantFrom("..", "."));
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
    const target = fc.array(component, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
    const tree = fc.uniqueArray(fc.record({ path, target }), { maxLength: 6, selector: (link) => link.path });

    fc.assert(
      fc.property(tree, (candidates) => {
        // A path below a link is no entry of a tree.
        const all = candidates.filter(({ path: own }) => !candidates.some((other) => own.startsWith(`${other.path}/`)));
        const outside = realpathSync(mkdtempSync(join(tmpdir(), "greenroom-links-")));
        const root = join(outside, "root");
        try {
          for (const folder of ["a/a/a", "b/b", "c", "../a/b", "../c"])
            mkdirSync(join(root, folder), { recursive: true });
          for (const link of all) {
            rmSync(join(root, link.path), { recursive: true, force: true });
            mkdirSync(dirname(join(root, link.path)), { recursive: true });
            symlinkSync(link.target, join(root, link.path));
          }
          const refused = new Set(escapingSymlinks(all).map((link) => link.path));
          for (const link of all.filter((each) => !refused.has(each.path))) {
            expect(resolved(join(root, link.path)) ?? root).toMatch(new RegExp(`^${root}(/|$)`));
          }
        } finally {
          rmSync(outside, { recursive: true });
        }
      }),
      { numRuns: 60 },
    );
  });
});

function resolved(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
