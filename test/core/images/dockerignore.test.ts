import { describe, expect, test } from "vitest";
import { dockerignore } from "../../../src/images/dockerignore.ts";

function isIgnored(lines: string, path: string): boolean {
  return dockerignore(lines)(path);
}

describe("dockerignore", () => {
  // The table of moby/patternmatcher's own tests, as far as a .dockerignore can hold such patterns.
  test.each([
    ["**", "file", true],
    ["**", "file/", true],
    ["**/", "file", true],
    ["**/", "file/", true],
    ["a[!-/]b", "a-b", true],
    ["a[x\\-z]b", "a-b", true],
    ["a[x\\-z]b", "ayb", false],
    ["node-*", "node-modules", true],
    ["**/", "dir/file", true],
    ["**", "dir/file", true],
    ["**/**", "dir/file", true],
    ["dir/**", "dir/file", true],
    ["dir/**", "dir/dir2/file", true],
    ["**/dir", "dir", true],
    ["**/dir", "dir/file", true],
    ["**/dir2/*", "dir/dir2/file", true],
    ["**/dir2/*", "dir/dir2/dir2/file", true],
    ["**/dir2/**", "dir/dir2/dir2/file", true],
    ["**file", "file", true],
    ["**file", "dir/file", true],
    ["**/file", "dir/file", true],
    ["**file", "dir/dir/file", true],
    ["**/file", "dir/dir/file", true],
    ["**/file*", "dir/dir/file", true],
    ["**/file*", "dir/dir/file.txt", true],
    ["**/file*txt", "dir/dir/file.txt", true],
    ["**/file*.txt", "dir/dir/file.txt", true],
    ["**/file*.txt*", "dir/dir/file.txt", true],
    ["**/**/*.txt", "dir/dir/file.txt", true],
    ["**/**/*.txt2", "dir/dir/file.txt", false],
    ["**/*.txt", "file.txt", true],
    ["**/**/*.txt", "file.txt", true],
    ["a**/*.txt", "a/file.txt", true],
    ["a**/*.txt", "a/dir/file.txt", true],
    ["a**/*.txt", "a/dir/dir/file.txt", true],
    ["a/*.txt", "a/dir/file.txt", false],
    ["a/*.txt", "a/file.txt", true],
    ["a/*.txt**", "a/file.txt", true],
    ["a[b-d]e", "ae", false],
    ["a[b-d]e", "ace", true],
    ["a[b-d]e", "aae", false],
    ["a[^b-d]e", "aze", true],
    [".*", ".foo", true],
    [".*", "foo", false],
    ["abc.def", "abcdef", false],
    ["abc.def", "abc.def", true],
    ["abc.def", "abcZdef", false],
    ["abc?def", "abcZdef", true],
    ["abc?def", "abcdef", false],
    ["a\\*b", "a*b", true],
    ["a\\*b", "axb", false],
    ["a\\\\", "a\\", true],
    ["**/foo/bar", "foo/bar", true],
    ["**/foo/bar", "dir/foo/bar", true],
    ["**/foo/bar", "dir/dir2/foo/bar", true],
    ["abc/**", "abc", false],
    ["abc/**", "abc/def", true],
    ["abc/**", "abc/def/ghi", true],
    ["**/.foo", ".foo", true],
    ["**/.foo", "bar.foo", false],
    ["a(b)c/def", "a(b)c/def", true],
    ["a(b)c/def", "a(b)c/xyz", false],
    ["a.|)$(}+{bc", "a.|)$(}+{bc", true],
    [
      "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl",
      "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl",
      true,
    ],
    ["dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", true],
  ])("%s and %s: %s", (pattern, path, expected) => {
    expect(isIgnored(pattern, path.replace(/\/$/, ""))).toBe(expected);
  });

  test.each([
    ["a pattern is anchored at the context", "node_modules", "services/node_modules/x", false],
    ["a pattern for a folder takes all below it", "docs", "docs/a/b.md", true],
    ["a slash in front changes nothing", "/docs", "docs/a", true],
    ["a slash behind changes nothing", "docs/", "docs/a", true],
    ["dots are cleaned away", "./a/../docs", "docs/a", true],
    ["an exception brings a file back", "*\n!src", "src/a.js", false],
    ["an exception below an ignored folder counts", "docs\n!docs/keep.md", "docs/keep.md", false],
    ["the last pattern that matches wins", "*.md\n!README.md\nREADME*", "README.md", true],
    ["spaces around a pattern and after ! do not count", "  * \r\n!  keep \r\n", "keep", false],
    ["a comment is none where it is indented", " #x", "#x", true],
    ["a comment is left out", "#x", "#x", false],
    ["a byte order mark is left out", "\uFEFFx", "x", true],
    ["an exception alone ignores nothing", "!x", "y", false],
    ["an exception for a parent covers what is below", "**\n!a", "a/b/c", false],
    ["a pattern that BuildKit refuses ignores nothing", "a[\n[", "a[", false],
    ["names beyond ASCII", "gr?n\n", "grün", true],
  ])("%s", (_, lines, path, expected) => {
    expect(isIgnored(lines, path)).toBe(expected);
  });
});
