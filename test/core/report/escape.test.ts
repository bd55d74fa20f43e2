import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { block, cell, clean, code, plain, sentence, withoutMarkdown } from "../../../src/report/escape.ts";
import { hostileText, recognised } from "./hostile.ts";
import { rendered } from "./rendered.ts";

const read = (markdown: string) => rendered(markdown).text.join("").replaceAll("\u200b", "");

describe("plain", () => {
  test.each([
    "**bold** _it_ ~~gone~~ ***",
    "# heading",
    "- item",
    "1. item",
    "+ item",
    "> quote",
    "---",
    "===",
    "| a | b |",
    "[text](https://evil.example)",
    "![image](https://evil.example/x.png)",
    "[ref]: https://evil.example",
    "<b>html</b> <!-- hidden --> &lt; &amp; &#64;",
    "https://evil.example www.evil.example a@evil.example",
    "@octocat @acme/admins #12 acme/shop#12 GH-12",
    "$x$ and $$y$$",
    "[ ] box [^1] note",
    "back\\slash \\* trailing\\",
  ])("%s is read as it was written, and means nothing", (text) => {
    const markdown = plain(text);
    expect(read(markdown)).toBe(text);
    expect([...rendered(markdown).types].filter((type) => !["paragraph", "text", "escape"].includes(type))).toEqual([]);
    expect(rendered(markdown).text.join("")).not.toMatch(recognised);
  });

  test("backticks become quotes, lines one line, and it is bounded", () => {
    expect(plain("a `b`\n\nc")).toBe("a 'b' c");
    expect(plain("x".repeat(50), 10)).toBe("xxxxxxxxx…");
  });
});

describe("code", () => {
  test.each([
    ["a", "`a`"],
    ["a`b", "`` a`b ``"],
    ["``", "``` `` ```"],
    ["", "`  `"],
    ["a\nb", "`a b`"],
  ])("%j is %s", (text, expected) => {
    expect(code(text)).toBe(expected);
  });
});

describe("sentence", () => {
  test.each([
    ["`web` fails", "`web` fails"],
    ["`a` *b* `c`", "`a` \\*b\\* `c`"],
    ["an odd ` tick", "an odd ' tick"],
    ["`a``b`", "`a``b`"],
    ["``a``", "'`a`'"],
  ])("%j becomes %s", (text, expected) => {
    expect(sentence(text)).toBe(expected);
  });
});

describe("block", () => {
  test.each([
    "plain",
    "```\nescape?\n```",
    "``````",
    "~~~",
    "</details>",
    "<!-- greenroom:preview 1/2 -->",
    "\u202etxet",
  ])("%j stays inside", (text) => {
    const { types, code: blocks } = rendered(`before\n\n${block(text)}\n\nafter`);
    expect(types).toEqual(new Set(["paragraph", "text", "space", "code"]));
    expect(blocks).toHaveLength(1);
  });
});

test.each([
  ["zero\u200bwidth\u2060", "zerowidth"],
  ["\u202eabc\u202c \u2066x\u2069", "abc x"],
  ["soft\u00adhyphen \ufeffmark", "softhyphen mark"],
  ["tag\u{e0041}s", "tags"],
  ["a\u2028b\r\nc\u0007", "ab\nc"],
  ["lone \ud800 surrogate", "lone \ufffd surrogate"],
  ["<!-- greenroom:preview 1/2 -->", "<!- - greenroom:preview 1/2 -->"],
  ["<!--GREENROOM", "<!- -GREENROOM"],
  ["ünïcödé 漢字 🙂 \t tab", "ünïcödé 漢字 🙂 \t tab"],
])("clean(%j) is %j", (text, expected) => {
  expect(clean(text)).toBe(expected);
});

test("withoutMarkdown is for where nothing is rendered", () => {
  expect(withoutMarkdown("`web` fails\nnow", 10)).toBe("web fails…");
});

const only = (types: Set<string>, allowed: string[]) => [...types].filter((type) => !allowed.includes(type));

describe("properties", () => {
  test("plain text means nothing", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const markdown = plain(text);
        const { types, text: parts } = rendered(`Because ${markdown} it is.`);
        expect(only(types, ["paragraph", "text", "escape"])).toEqual([]);
        expect(parts.join("")).not.toMatch(recognised);
      }),
      { numRuns: 500 },
    );
  });

  test("a code span holds all of its text and nothing else", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { types, code: spans } = rendered(`Because ${code(text)} it is.`);
        expect(only(types, ["paragraph", "text", "codespan"])).toEqual([]);
        expect(spans).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  test("a sentence has code spans and text", () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, two) => {
        const { types, text } = rendered(sentence(`The \`${one}\` is ${two}.`));
        expect(only(types, ["paragraph", "text", "escape", "codespan"])).toEqual([]);
        expect(text.join("")).not.toMatch(recognised);
      }),
      { numRuns: 500 },
    );
  });

  test("a cell does not leave its row", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { types, code: spans } = rendered(`| a | b |\n|---|---|\n| ${cell(code(text))} | x |`);
        expect(only(types, ["table", "text", "codespan"])).toEqual([]);
        expect(spans).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });
});
