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

/** Asserts that a text has nothing in it that is not ours. */
function isOurs(body: string): void {
  const { types, html, links, text } = rendered(`${body}\n\nthe end`);
  expect([...types].filter((type) => !ourTypes.includes(type))).toEqual([]);
  expect(html.filter((tag) => !ourHtml.some((ours) => ours.test(tag)))).toEqual([]);
  expect(links).toEqual([]);
  expect(text.join("")).not.toMatch(recognised);
  expect(text.join("").endsWith("the end")).toBe(true);
  expect(body).not.toMatch(/<!--\s*greenroom/i);
  expect(body.length).toBeLessThan(60_000);
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
        isOurs(mistakeAnswer({ line: 1, said: said.slice(0, 100), problem, suggestion }));
        isOurs(refusalAnswer({ reason: `@${said} may not`, remedy: problem }));
        isOurs(impossibleAnswer({ impossible: `there is no image \`${said}\`. ${problem}` }));
      }),
    );
  });

  test("a log is folded away, ends where it ends, and is bounded", () => {
    fc.assert(
      fc.property(hostileText, hostileText, fc.nat(20_000), (name, line, times) => {
        const body = logAnswer(name, name, times % 2 === 0, `${line}\n`.repeat(times % 500) + line.repeat(times));
        isOurs(body);
        expect(body.length).toBeLessThan(10_000);
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
        isOurs(body);
        const rows = rendered(body).tables.flat();
        expect(rows.map((row) => row.length)).toEqual(names.slice(0, 30).map(() => 4));
      }),
      { numRuns: 60 },
    );
  });
});

test("help has a row for each command, and a secret in a log is masked", () => {
  isOurs(helpAnswer());
  expect(rendered(helpAnswer()).tables.flat().length).toBeGreaterThan(10);
  expect(logAnswer("web-1", "web", false, "token=hunter2hunter2")).not.toContain("hunter2");
  expect(logAnswer("web-1", "web", true, " \n")).toBe(
    "There are no lines of `web` of pod `web-1`, before its last restart.",
  );
});
