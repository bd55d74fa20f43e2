import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClusterView } from "../../../src/rollout/cluster-view.ts";
import {
  helpAnswer,
  impossibleAnswer,
  logAnswer,
  mistakeAnswer,
  refusalAnswer,
  statusAnswer,
} from "../../../src/report/answers.ts";
import { hostileText, recognised } from "./hostile.ts";
import { rendered } from "./rendered.ts";
import { view } from "./views.ts";

const ourTypes = [
  "html",
  "space",
  "paragraph",
  "text",
  "escape",
  "strong",
  "codespan",
  "code",
  "table",
  "list",
  "list_item",
];
const ourHtml = [/^<details>\s*<summary>Log<\/summary>$/, /^<\/details>$/];

/** What a text has in it that is not ours. */
function foreign(body: string): string[] {
  const { types, html, links, text } = rendered(`${body}\n\nthe end`);
  const said = text.join("");
  return [
    ...[...types].filter((type) => !ourTypes.includes(type)),
    ...html.filter((tag) => !ourHtml.some((ours) => ours.test(tag))),
    ...links,
    ...(recognised.test(said) ? [said] : []),
    ...(said.endsWith("the end") ? [] : ["no end"]),
    ...(/<!-{2}\s*greenroom/i.test(body) ? ["a marker"] : []),
    ...(body.length < 60_000 ? [] : ["too much"]),
  ];
}

const pod = (name: string, waiting: string): ClusterView["objects"][number] => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  status: { containerStatuses: [{ ready: false, restartCount: 2, state: { waiting: { reason: waiting } } }] },
});

describe("whatever people and programs write", () => {
  test("a mistake, a refusal and what is impossible say nothing but ours", () => {
    fc.assert(
      fc.property(hostileText, hostileText, fc.option(hostileText, { nil: undefined }), (said, problem, suggestion) => {
        expect(foreign(mistakeAnswer({ line: 1, said: said.slice(0, 100), problem, suggestion }))).toEqual([]);
        expect(foreign(refusalAnswer({ reason: `@${said} may not`, remedy: problem }))).toEqual([]);
        expect(foreign(impossibleAnswer({ impossible: `there is no image \`${said}\`. ${problem}` }))).toEqual([]);
      }),
    );
  });

  test("a log is folded away, ends where it ends, and is bounded", () => {
    fc.assert(
      fc.property(hostileText, hostileText, fc.nat(20_000), (name, line, times) => {
        const body = logAnswer(name, name, times % 2 === 0, `${line}\n`.repeat(times % 500) + line.repeat(times));
        expect(foreign(body)).toEqual([]);
        // A fence is longer than what it holds, and a tab is two spaces.
        expect(body.length).toBeLessThan(30_000);
      }),
      { numRuns: 60 },
    );
  });

  test("a status has a row for each pod", () => {
    fc.assert(
      fc.property(fc.array(hostileText, { maxLength: 40 }), hostileText, (names, text) => {
        const short = text.slice(0, 200);
        const { preview } = view({
          phase: "Ready",
          reason: text.slice(0, 500),
          images: [{ name: short, reference: short, outcome: "built" }],
        });
        const body = statusAnswer(preview, { objects: names.map((name) => pod(name, text)), events: [] });
        expect(foreign(body)).toEqual([]);
        const rows = rendered(body).tables.flat();
        expect(rows.map((row) => row.length)).toEqual(names.slice(0, 30).map(() => 4));
      }),
      { numRuns: 60 },
    );
  });
});

test("help has a row for each command, and a secret in a log is masked", () => {
  expect(foreign(helpAnswer())).toEqual([]);
  expect(rendered(helpAnswer()).tables.flat().length).toBeGreaterThan(10);
  expect(logAnswer("web-1", "web", false, "token=hunter2hunter2")).not.toContain("hunter2");
  expect(logAnswer("web-1", "web", true, " \n")).toBe(
    "There are no lines of `web` of pod `web-1`, before its last restart.",
  );
});
