import * as fc from "fast-check";

/** What GitHub recognises in the text of a page after it was rendered: mentions, references, addresses. */
export const recognised = /@[a-z0-9]|#\d|(?<![a-z0-9])gh-\d|:\/\/[a-z0-9]|(?<![a-z0-9])www\.[a-z0-9]/i;

const parts = [
  ...Array.from("`*_~|<>[]()#+-.!\\&$@:/=^'\"{} \n\t"),
  "``",
  "```",
  "~~~",
  "\n\n",
  "    ",
  "<!--",
  "-->",
  "<!-- greenroom:preview 42/12 -->",
  "</details>",
  "<script>",
  "<img src=x onerror=alert(1)>",
  "@octocat",
  "@acme/admins",
  "#12",
  "GH-12",
  "https://evil.example",
  "www.evil.example",
  "a@evil.example",
  "mailto:a@evil.example",
  "[x](https://evil.example)",
  "![x](https://evil.example)",
  "[x]: https://evil.example",
  "&lt;",
  "&#64;",
  "\u202e",
  "\u200b",
  "\u2028",
  "\ud800",
  "---",
  "- [x] done",
  "**Preview** · ready",
  "word",
  "é漢🙂",
];

/** Text of the kind that somebody writes who wants to break out of where it is put. */
export const hostileText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((some) => some.join("")),
  fc
    .array(fc.oneof(fc.constantFrom(...parts), fc.string({ maxLength: 3 })), { maxLength: 12 })
    .map((some) => some.join("")),
);
