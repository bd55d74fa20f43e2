import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { grammar } from "../../../src/policy/command-grammar.ts";
import { parseComment } from "../../../src/policy/slash-command.ts";

const commands = (body: string) => {
  const parsed = parseComment(body);
  return parsed.for === "us" && "commands" in parsed ? parsed.commands : parsed;
};
const pairs = (values: Record<string, string>) => Object.entries(values).map(([key, text]) => ({ key, text }));
const notForUs = { for: "somebody else" };

describe("commands", () => {
  test.each([
    ["/preview", [{ name: "help" }]],
    ["/preview help", [{ name: "help" }]],
    ["/Preview Deploy", [{ name: "deploy" }]],
    ["   /preview deploy   ", [{ name: "deploy" }]],
    ["/preview rebuild", [{ name: "rebuild", images: [], data: false }]],
    ["/preview rebuild Web shop/api web", [{ name: "rebuild", images: ["web", "shop/api"], data: false }]],
    ["/preview rebuild —data web", [{ name: "rebuild", images: ["web"], data: true }]],
    ['/preview set A=1 B_2="x = y" C=', [{ name: "set", values: pairs({ A: "1", B_2: "x = y", C: "" }) }]],
    ["/preview set A=“Good day”", [{ name: "set", values: pairs({ A: "Good day" }) }]],
    ["/preview unset A b", [{ name: "unset", keys: ["A", "b"] }]],
    ["/preview rollback", [{ name: "rollback", revision: undefined }]],
    ["/preview rollback 12", [{ name: "rollback", revision: 12 }]],
    ["/preview approve", [{ name: "approve", commit: undefined }]],
    ["/preview approve 3F2A9C1", [{ name: "approve", commit: "3f2a9c1" }]],
    ["/preview extend", [{ name: "extend", hours: 24 }]],
    ["/preview extend 90m", [{ name: "extend", hours: 1.5 }]],
    ["/preview extend 3d", [{ name: "extend", hours: 72 }]],
    ["/preview keep", [{ name: "keep" }]],
    ["/preview logs", [{ name: "logs", service: undefined, previous: false }]],
    ["/preview logs “api”", [{ name: "logs", service: "api", previous: false }]],
    ["/preview logs —previous", [{ name: "logs", service: undefined, previous: true }]],
    ["/preview logs api --previous", [{ name: "logs", service: "api", previous: true }]],
    ["Please have a look.\r\n\r\n/preview stop\r\n/preview deploy\r\n", [{ name: "stop" }, { name: "deploy" }]],
  ])("%j", (body, expected) => {
    expect(commands(body)).toEqual(expected);
  });
});

describe("not for us", () => {
  test.each([
    "",
    "Use /preview deploy for that",
    "/previews deploy",
    "/preview-deploy",
    "/preview/deploy",
    "`/preview deploy`",
    "> /preview deploy",
    "- /preview deploy",
    "    /preview deploy",
    "\t/preview deploy",
    "```\n/preview deploy\n```",
    "~~~~ sh\n/preview deploy\n~~~\n/preview stop\n~~~~",
    "```\n/preview deploy",
    "<!-- /preview deploy -->",
    "<!--\n/preview deploy\n-->",
    "Fine with me.\n\nOn Mon, 2 Nov 2026 at 10:12, Somebody <x@example.com> wrote:\n/preview stop",
    "Danke\n\nVon: x@example.com\n/preview stop",
    "Done\n-- \n/preview stop",
    "ok\n________________________________\n/preview stop",
  ])("%j", (body) => {
    expect(parseComment(body)).toEqual(notForUs);
  });

  test("what follows a code block or a comment counts again", () => {
    expect(commands("```\n/preview stop\n```\n<!-- a\nb -->\n/preview deploy")).toEqual([{ name: "deploy" }]);
  });
});

describe("mistakes", () => {
  test.each([
    ["/preview aprove 3f2a9c1", "there is no command `aprove`", "/preview approve 3f2a9c1"],
    ["/preview xyzzyplugh", "there is no command `xyzzyplugh`", "/preview help"],
    ["/preview constructor", "there is no command `constructor`", "/preview help"],
    ["/preview deploy now", "deploy takes nothing after it", "/preview deploy"],
    ["/preview logs --prevous", "`--prevous` is not an option of logs", grammar.logs.usage],
    ["/preview logs WEB", "`WEB` cannot be the name of a service", grammar.logs.usage],
    ["/preview logs 'web", "a quotation is not closed; ' is missing", undefined],
    ["/preview approve main", "`main` is not a commit: 7 to 40 hexadecimal digits are", grammar.approve.usage],
    ["/preview extend soon", "`soon` is not a duration such as `24h` or `3d`", grammar.extend.usage],
    ["/preview extend 0h", "`0h` is not a duration such as `24h` or `3d`", grammar.extend.usage],
    ["/preview extend 40d", "a preview can be kept for at most 30 days at once", grammar.extend.usage],
    ["/preview rebuild --all", "`--all` is not an option of rebuild", grammar.rebuild.usage],
    ["/preview rebuild web:1", "`web:1` cannot be the name of an image", grammar.rebuild.usage],
    ["/preview set", "set takes at least one KEY=VALUE", grammar.set.usage],
    ["/preview set A B=1", "`A` has no `=`", grammar.set.usage],
    ["/preview set A-B=1", "`A-B` cannot be the key of a value", grammar.set.usage],
    ["/preview set =1", "`` cannot be the key of a value", grammar.set.usage],
    ["/preview unset", "unset takes at least one KEY", grammar.unset.usage],
    ["/preview unset A=1", "`A=1` cannot be the key of a value", grammar.unset.usage],
    ["/preview rollback 0", "`0` is not the number of a revision", grammar.rollback.usage],
    ["/preview rollback -1", "`-1` is not the number of a revision", grammar.rollback.usage],
    ["/preview rollback 1 2", "rollback takes one revision", grammar.rollback.usage],
    ["/preview logs a b", "logs takes one service", grammar.logs.usage],
  ])("%j", (body, problem, suggestion) => {
    expect(parseComment(body)).toEqual({ for: "us", mistake: { line: 1, said: body, problem, suggestion } });
  });

  test("one mistake and nothing of the comment is done", () => {
    expect(commands("/preview stop\n/preview depoy")).toMatchObject({ mistake: { line: 2 } });
  });

  test("more commands than anybody means", () => {
    const problem = "one comment may have at most 10 commands; this one has 11";
    expect(commands("/preview status\n".repeat(11))).toMatchObject({ mistake: { line: 11, problem } });
  });
});

test("every text is understood as something, and no answer is longer than what was said", () => {
  const piece = oneof(
    string({ unit: "grapheme", maxLength: 60 }),
    constantFrom("/preview", " ", "\n", "```", "> ", "--previous", "extend ", '"', "'", "logs", "<!--", "-->", "\t"),
  );
  assert(
    property(array(piece, { maxLength: 30 }), (pieces) => {
      const parsed = parseComment(pieces.join(""));
      return !("mistake" in parsed) || (parsed.mistake.problem !== "" && parsed.mistake.said.length <= 100);
    }),
    { numRuns: 1_000 },
  );
});

test("what the list of commands says can be typed", () => {
  for (const { usage } of Object.values(grammar)) {
    expect(commands(usage.replace(/\[[^\]]*\]|…/g, ""))).toHaveLength(1);
  }
});
