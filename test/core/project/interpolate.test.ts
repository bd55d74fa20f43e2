import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  interpolate,
  interpolateArgs,
  knownVariables,
  texts,
  type Variables,
  variableProblems,
} from "../../../src/project/interpolate.ts";

const variables: Variables = {
  pr: { number: 12 },
  sha: "abc123",
  host: { web: "12-shop.example.dev" },
  url: { web: "https://12-shop.example.dev" },
  image: { "shop/web": "registry.example/7/shop-web:g-1", cron: "registry.example/7/cron:g-2" },
  set: { LEVEL: "debug", COUNT: 3, ON: false, EVIL: "${sha} {{ .Values }}" },
};

function replaced(text: string): unknown {
  const result = interpolate({ key: text }, variables);
  return result.ok ? result.value["key"] : result.failure.what;
}

describe("interpolate", () => {
  test.each([
    ["${pr.number}", "12"],
    ["pr-${pr.number}-${sha}", "pr-12-abc123"],
    ["${ sha }", "abc123"],
    ["${host.web}", "12-shop.example.dev"],
    ["${url.web}/login", "https://12-shop.example.dev/login"],
    ["${image.shop/web}", "registry.example/7/shop-web:g-1"],
    ["${image.web}", "registry.example/7/shop-web:g-1"],
    ["${image.cron}", "registry.example/7/cron:g-2"],
    ["$${HOME} and $$5 and $x", "${HOME} and $$5 and $x"],
    ["$$${sha}", "$${sha}"],
    ["${set.LEVEL}", "debug"],
    ["${set.COUNT}", 3],
    ["${ set.ON }", false],
    ["x${set.COUNT}", "x3"],
    ["${set.EVIL}", "${sha} {{ .Values }}"],
    ["", ""],
    ["line\n${sha}\nline", "line\nabc123\nline"],
  ])("%j becomes %j", (text, expected) => {
    expect(replaced(text)).toBe(expected);
  });

  test("works at any depth, and leaves keys and other types alone", () => {
    const values = { "${sha}": [1, true, null, { deep: ["${sha}", 2.5] }], n: 3 };
    expect(interpolate(values, variables)).toEqual({
      ok: true,
      value: { "${sha}": [1, true, null, { deep: ["abc123", 2.5] }], n: 3 },
    });
  });

  test("what is put in is not looked at again", () => {
    const hostile = { ...variables, url: { web: "${sha}" } };
    expect(interpolate({ a: "${url.web}" }, hostile)).toEqual({ ok: true, value: { a: "${sha}" } });
  });

  test.each([
    "${host.api}",
    "${constructor}",
    "${image.toString}",
    "${pr}",
    "${env.HOME}",
    "${set.OTHER}",
    "${set.constructor}",
    "${}",
  ])("%s has no value", (text) => {
    expect(interpolate({ a: text }, variables)).toMatchObject({
      ok: false,
      failure: { kind: "user", code: "variable-unknown", what: expect.stringContaining("has no value") },
    });
  });

  test("build arguments know no images", () => {
    expect(interpolateArgs({ A: "${pr.number}" }, variables)).toEqual({ ok: true, value: { A: "12" } });
    expect(interpolateArgs({ A: "${set.COUNT}" }, variables)).toEqual({ ok: true, value: { A: "3" } });
    expect(interpolateArgs({ A: "${image.cron}" }, variables).ok).toBe(false);
  });

  test("a short name that two images have stands for neither", () => {
    const image = { "shop/web": "a", "admin/web": "b" };
    expect(interpolate({ a: "${image.web}" }, { ...variables, image }).ok).toBe(false);
    expect(knownVariables([], Object.keys(image), [])).not.toContain("image.web");
  });

  test("leaves any text without a dollar sign as it is, and escaping keeps any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const plain = text.replaceAll("$", "");
        expect(replaced(plain)).toBe(plain);
        // A dollar sign before `${` would escape it once more.
        const written = text.replace(/\$+(?=\$\{)/g, "");
        expect(replaced(written.replaceAll("${", "$${"))).toBe(written);
      }),
    );
  });
});

describe("variableProblems", () => {
  const known = knownVariables(["web"], ["shop/web"], ["LEVEL"]);

  test("every known variable is fine", () => {
    expect(known.flatMap((name) => variableProblems(`x \${${name}} y`, known))).toEqual([]);
    expect(known).toContain("image.web");
  });

  test.each([
    ["${image.wbe}", "`${image.wbe}` is not known; did you mean `${image.web}`?"],
    ["${pr.nmber}", "did you mean `${pr.number}`?"],
    ["${HOME}", "`${HOME}` is not known"],
    ["${sha", "has no closing `}`"],
  ])("%s", (text, expected) => {
    const [problem, ...others] = variableProblems(text, known);
    expect(problem?.text).toContain(expected);
    expect(problem?.suggestion).toContain("$${");
    expect(others).toEqual([]);
  });
});

test("texts finds every text with its path", () => {
  expect(texts({ a: ["x", 1, { b: "y" }] }, ["values"])).toEqual([
    { path: ["values", "a", 0], text: "x" },
    { path: ["values", "a", 2, "b"], text: "y" },
  ]);
});
