import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { matchesGlob } from "../../../src/policy/glob.ts";

describe("a pattern for paths", () => {
  test.each([
    ["README.md", "README.md", true],
    ["docs/README.md", "README.md", false],
    ["docs/README.md", "*.md", false],
    ["docs/README.md", "**/*.md", true],
    ["README.md", "**/*.md", true],
    ["docs/guide/one.md", "docs/**", true],
    ["docs/guide/one.md", "docs/", true],
    ["docs", "docs/**", true],
    ["docs2/one.md", "docs/**", false],
    ["a/b/c/d", "a/**/d", true],
    ["a/d", "a/**/d", true],
    ["a/b/c/e", "a/**/d", false],
    ["release/1.0", "release/*", true],
    ["release/1.0/fix", "release/*", false],
    ["main", "ma?n", true],
    ["man", "ma?n", false],
    ["anything/at/all", "**", true],
    [".github/workflows/ci.yaml", ".github/**", true],
    ["a+b(c).txt", "a+b(c).*", true],
    ["Main", "main", false],
  ])("%s, %s", (path, pattern, expected) => {
    expect(matchesGlob(path, pattern)).toBe(expected);
  });

  test("without a wildcard fits itself alone", () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !/[*?]/.test(text) && !text.endsWith("/"));
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(matchesGlob(one, one)).toBe(true);
        expect(matchesGlob(one, other)).toBe(one === other);
      }),
    );
  });

  test("does not take long, whatever the path", () => {
    const before = performance.now();
    expect(matchesGlob(`${"a".repeat(4_000)}b`, `${"*a".repeat(90)}c`)).toBe(false);
    expect(matchesGlob(`${"a/".repeat(2_000)}b`, `${"**/a/".repeat(35)}c`)).toBe(false);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
