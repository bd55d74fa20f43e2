import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/project/parse-config.ts";

function failure(text: string) {
  const result = parseConfig(text, "greenroom.yaml");
  if (result.ok) throw new Error("expected a failure");
  return result.failure;
}

describe("parseConfig", () => {
  test("reads everything, with defaults", () => {
    const result = parseConfig(
      `
chart:
  path: chart
  values: {a: {b: [1, true, null, "x"]}}
images:
  - {name: shop/web, context: services/web, args: {VERSION: "1"}}
expose:
  - {name: web, service: shop-web, port: 80}
`,
      "greenroom.yaml",
    );
    expect(result).toMatchObject({
      ok: true,
      value: {
        config: {
          chart: {
            path: "chart",
            release: "preview",
            valueFiles: [],
            values: { a: { b: [1, true, null, "x"] } },
            imagePaths: [],
          },
          images: [{ name: "shop/web", context: "services/web", dockerfile: "Dockerfile", args: { VERSION: "1" } }],
          expose: [{ name: "web", service: "shop-web", port: 80 }],
        },
      },
    });
  });

  test("says of each place what is wrong there", () => {
    const { where, others } = failure("imagse: []\nchart:\n  path: c\n  valuesFiles: []\n");
    expect(where).toEqual({ file: "greenroom.yaml", line: 1 });
    expect(others).toEqual([{ file: "greenroom.yaml", line: 4, what: expect.stringContaining("`valuesFiles`") }]);
  });

  test.each(["", "# nothing\n", "{}", "---\n"])("an empty file is an empty configuration: %j", (text) => {
    expect(parseConfig(text, "greenroom.yaml")).toMatchObject({ ok: true, value: { config: {} } });
  });

  test.each([
    ["an unknown key", "chart:\n  path: c\nimagse: []\n", 3, "unknown key `imagse`; did you mean `images`?"],
    [
      "an unknown key below",
      "chart:\n  path: c\n  valuesFiles: []\n",
      3,
      "unknown key `valuesFiles` in `chart`; did you mean `valueFiles`?",
    ],
    [
      "an unknown key in a list",
      "expose:\n  - name: web\n    service: a\n    prot: 80\n    port: 80\n",
      4,
      "unknown key `prot` in `expose[0]`",
    ],
    ["an unknown key that is like none", "zzzzzzzz: 1\n", 1, "unknown key `zzzzzzzz`"],
    [
      "a wrong type",
      "expose:\n  - name: web\n    service: a\n    port: eighty\n",
      4,
      "`expose[0].port` must be a number, not the text `eighty`",
    ],
    [
      "a number with a fraction",
      "expose:\n  - {name: web, service: a, port: 80.5}\n",
      2,
      "`expose[0].port` must be a whole number",
    ],
    ["a list instead of a map", "chart: [a]\n", 1, "`chart` must be a map, not a list"],
    ["a text instead of a list", "images: web\n", 1, "`images` must be a list, not the text `web`"],
    ["nothing instead of a map", "chart:\nimages: []\n", 1, "`chart` must be a map, not empty"],
    ["a list as the whole file", "- a\n", 1, "the file must be a map, not a list"],
    ["a missing key", "images:\n  - name: web\n", 2, "`images[0].context` is missing"],
    ["a port that is none", "expose:\n  - {name: web, service: a, port: 70000}\n", 2, "must be a port from 1 to 65535"],
    ["a name that parts hosts", "expose:\n  - {name: a--b, service: a, port: 1}\n", 2, "single hyphens"],
    ["a name that starts with a digit", "expose:\n  - {name: 1a, service: a, port: 1}\n", 2, "starting with a letter"],
    ["a name that is too long", "expose:\n  - {name: abcdefghijklmnopqrstu, service: a, port: 1}\n", 2, "at most 20"],
    ["a path that leads out", "chart:\n  path: ../chart\n", 2, "`chart.path` must be a path inside the repository"],
    [
      "a path that leads out later",
      "chart:\n  path: a/../../b\n",
      2,
      "`chart.path` must be a path inside the repository",
    ],
    ["an absolute path", "images:\n  - name: a\n    context: /etc\n", 3, "`images[0].context` must be a path inside"],
    ["a path into .git", "chart:\n  path: .git/x\n", 2, "`chart.path` must be a path inside"],
    [
      "a URL as a value file",
      "chart:\n  path: c\n  valueFiles:\n    - https://example.com/v.yaml\n",
      4,
      "`chart.valueFiles[0]` must be a path inside",
    ],
    [
      "an image with a tag",
      "images:\n  - {name: 'web:latest', context: .}\n",
      2,
      "`images[0].name` must be the image's name",
    ],
    [
      "an ARG that is none",
      "images:\n  - {name: web, context: ., args: {'A B': x}}\n",
      2,
      "must be the name of an ARG",
    ],
    [
      "an argument that is no text",
      "images:\n  - name: web\n    context: .\n    args:\n      A: 1\n",
      5,
      "`images[0].args.A` must be a text, not `1`",
    ],
    [
      "a broken image path",
      "chart:\n  path: c\n  imagePaths: [{kind: X, path: 'a..b'}]\n",
      3,
      "must be a path such as `spec.image`",
    ],
    ["an empty list of services", "expose: []\n", 1, "`expose` must have at least one entry"],
    ["a key twice", "chart:\n  path: a\nchart:\n  path: b\n", 3, "a key is there twice"],
    ["YAML that is none", "chart:\n  path: [a\nimages: []\n", 3, "not valid YAML"],
    ["a tab as indent", "chart:\n\tpath: a\n", 2, "not valid YAML"],
    ["two documents", "a: 1\n---\nb: 2\n", 2, "not valid YAML"],
    ["an unknown tag", "chart:\n  path: !!js/function x\n", 2, "not valid YAML"],
  ])("%s", (_, text, line, what) => {
    expect(failure(text)).toMatchObject({
      kind: "user",
      code: "config-invalid",
      where: { file: "greenroom.yaml", line },
      what: expect.stringContaining(what),
      evidence: expect.stringContaining(`greenroom.yaml:${line}: `),
    });
  });

  test("names the first problem and lists all of them with their lines", () => {
    const problems = failure("expose:\n  - {name: web, service: a, port: x}\nimagse: []\nchart: {}\n");
    expect(problems.what).toBe(
      "`greenroom.yaml`: `expose[0].port` must be a number, not the text `x` (and 2 more problems).",
    );
    expect(problems.evidence).toBe(
      [
        "greenroom.yaml:2: `expose[0].port` must be a number, not the text `x`",
        "greenroom.yaml:3: unknown key `imagse`; did you mean `images`?",
        "greenroom.yaml:4: `chart.path` is missing",
      ].join("\n"),
    );
  });

  test("a suggestion that is there already is not made", () => {
    expect(failure("images: []\nimage: []\n").what).not.toContain("did you mean");
  });

  test("refuses a file that is too large, and one whose aliases multiply", () => {
    expect(failure(`a: ${"x".repeat(300_000)}`).what).toContain("larger than 256 KiB");
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x]",
      ..."bcdefghi".split("").map((name, index) => {
        const before = "abcdefgh"[index];
        return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(",")}]`;
      }),
    ].join("\n");
    const started = Date.now();
    expect(failure(bomb).what).toContain("aliases");
    expect(Date.now() - started).toBeLessThan(2_000);
  });

  test("text of the file cannot break out of the sentence", () => {
    const { what } = failure('"a`b\\n\\n# c": 1\n');
    expect(what).not.toContain("\n");
    expect(what).toContain("`a'b # c`");
  });
});
