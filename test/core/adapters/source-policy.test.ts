import { describe, expect, test } from "vitest";
import { sourcePolicy } from "../../../src/adapters/buildkit/source-policy.ts";

/** What BuildKit makes of the rules: all that fit are followed, the last one holds. */
function allows(source: string, baseImages: string[] = []): boolean {
  const { rules } = sourcePolicy("registry.example:5000/previews/42/shop-web:g-1", baseImages);
  return rules.reduce((allowed, { action, selector }) => {
    // Go writes the flag into the expression.
    const expression = new RegExp(selector.identifier.replace(/^\(\?i\)/, ""), "i");
    return expression.test(source) ? action === "ALLOW" : allowed;
  }, true);
}

describe("what a build may take from where", () => {
  test("is said in BuildKit's words: with any others it would hold nothing back", () => {
    expect(sourcePolicy("r.test/p/42/web:1", []).rules[0]).toEqual({
      action: "DENY",
      selector: { identifier: "(?i)^docker-image(\\+blob)?://r\\.test/", match_type: "REGEX" },
    });
  });

  test.each([
    ["docker-image://docker.io/library/busybox:1.37", true],
    ["docker-image://registry.example/previews/7/web:g-1", true],
    ["https://registry.example:5000/file", true],
    ["docker-image://registry.example:5000/previews/42/shop-web:g-2", true],
    ["docker-image://registry.example:5000/previews/42/other@sha256:00", true],
    ["docker-image://registry.example:5000/previews/7/web:g-1", false],
    ["docker-image+blob://registry.example:5000/previews/7/web@sha256:00", false],
    ["docker-image://REGISTRY.example:5000/previews/7/web:g-1", false],
    ["docker-image://registry.example:5000/previews/421/web:g-1", false],
    ["docker-image://registry.example:5000/base/node:24", false],
    ["docker-image://registryXexample:5000/previews/7/web:g-1", true],
  ])("%s: %s", (source, expected) => {
    expect(allows(source)).toBe(expected);
  });

  test.each([
    ["registry.example:5000/base", "docker-image://registry.example:5000/base/node:24", true],
    ["registry.example:5000/base/", "docker-image://registry.example:5000/base/node:24", true],
    ["registry.example:5000/base/node", "docker-image://registry.example:5000/base/node:24", true],
    ["registry.example:5000/base/node", "docker-image://registry.example:5000/base/node@sha256:00", true],
    ["registry.example:5000/base/node", "docker-image://registry.example:5000/base/nodes:24", false],
  ])("an operator that offers %s: %s: %s", (offered, source, expected) => {
    expect(allows(source, [offered])).toBe(expected);
  });
});
