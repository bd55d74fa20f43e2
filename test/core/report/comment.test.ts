import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { phases, type PreviewStatus, previewStatus } from "../../../src/preview/preview.ts";
import { comment, commentMarker, summary } from "../../../src/report/comment.ts";
import { allStates } from "./all-states.ts";
import { golden, goldenNames } from "./golden.ts";
import { hostileText, recognised } from "./hostile.ts";
import { rendered } from "./rendered.ts";
import { states, view } from "./views.ts";

describe("each state", () => {
  test.each(Object.entries(allStates))("%s", (name, state) => {
    const body = comment(state);
    expect(body).toBe(golden(name, body));
  });

  test("has a text, and each text its state", () => {
    expect(goldenNames()).toEqual(Object.keys(allStates).toSorted());
  });

  test.each(Object.entries(states))("%s can be recorded", (_, { preview }) => {
    expect(previewStatus.safeParse(preview.status).success).toBe(true);
  });

  test("every phase is among them, and removed", () => {
    const all = Object.values(allStates);
    expect(new Set(all.map(({ preview }) => preview.status.phase))).toEqual(new Set([undefined, ...phases]));
    expect(all.some(({ removed }) => removed !== undefined)).toBe(true);
  });
});

test("the marker is the first line of every comment, and of no check", () => {
  for (const state of Object.values(allStates)) {
    expect(comment(state).split("\n")[0]).toBe(commentMarker(42, 12));
    expect(summary(state)).not.toContain("<!--");
    expect(summary(state).trim()).not.toBe("");
  }
});

test("the same view is always the same comment", () => {
  for (const state of Object.values(allStates)) expect(comment(structuredClone(state))).toBe(comment(state));
});

test("secrets in a log are masked", () => {
  const failure = {
    kind: "user" as const,
    code: "crash",
    what: "`web` says `token=abcdef`",
    remedy: "No.",
    evidence: "DB_PASSWORD=hunter22\nghp_0123456789012345678901234567",
  };
  const body = comment(view({ phase: "Failed", failure }));
  expect(body).not.toMatch(/hunter22|ghp_|abcdef/);
  expect(body).toContain("DB_PASSWORD=***");
});

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
  "link",
];
const ourHtml = [
  /^<!-- greenroom:preview 42\/12 -->/,
  /^<details>\s*<summary>Last lines<\/summary>$/,
  /^<\/details>$/,
  /^<\/?sub>$/,
  /^<br>$/,
];
const ourLinks = ["https://12-shop.preview.example", "https://api--12-shop.preview.example"];

const phase = fc.constantFrom(...phases);
const outcome = fc.constantFrom(
  "pending" as const,
  "building" as const,
  "built" as const,
  "reused" as const,
  "failed" as const,
  "cancelled" as const,
);
const api = { host: "api--12-shop.preview.example", url: "https://api--12-shop.preview.example", port: 80 };

/** A record's status in which everything that a pull request can write is hostile. */
function hostileStatus(text: fc.Arbitrary<string>): fc.Arbitrary<PreviewStatus> {
  const short = text.map((long) => long.slice(0, 200));
  return fc.record({
    phase,
    previousCommit: fc.constant(`9b8c7d6${"0".repeat(33)}`),
    reason: text.map((long) => long.slice(0, 500)),
    remedy: text.map((long) => long.slice(0, 500)),
    images: fc.array(fc.record({ name: short, reference: short, outcome, seconds: fc.nat(9_999) }), { maxLength: 50 }),
    notices: fc.array(
      text.map((long) => long.slice(0, 500)),
      { maxLength: 20 },
    ),
    urls: fc.array(
      short.map((name) => ({ ...api, name, service: name })),
      { maxLength: 5 },
    ),
    failure: fc.record({
      kind: fc.constant("user" as const),
      code: fc.constant("crash"),
      what: fc.tuple(short, text).map(([one, two]) => `\`${one}\` fails: ${two}`.slice(0, 2_000)),
      where: fc.record({ file: short, line: fc.nat(99) }),
      remedy: text.map((long) => long.slice(0, 2_000)),
      evidence: text.map((long) => long.slice(0, 4_000)),
    }),
  });
}

describe("properties", () => {
  test("no text of a pull request brings an element, a link, a mention or a marker", () => {
    fc.assert(
      fc.property(hostileStatus(hostileText), fc.boolean(), (status, gone) => {
        const body = comment(view(status, gone ? { removed: { seconds: 1 } } : {}));
        const { types, html, links, text } = rendered(body);
        expect([...types].filter((type) => !ourTypes.includes(type))).toEqual([]);
        expect(html.filter((tag) => !ourHtml.some((ours) => ours.test(tag)))).toEqual([]);
        expect(links.filter((link) => !ourLinks.includes(link))).toEqual([]);
        expect(text.join("").replaceAll(/https:\/\/(api--)?12-shop\.preview\.example/g, "")).not.toMatch(recognised);
        expect(body.match(/<!--\s*greenroom/gi)).toHaveLength(1);
        expect(body.startsWith(`${commentMarker(42, 12)}\n\n**Preview** · `)).toBe(true);
        expect(body.split(commentMarker(42, 12))).toHaveLength(2);
      }),
      { numRuns: 300 },
    );
  });

  test("it fits, however long and strange the text is", () => {
    const long = fc
      .tuple(hostileText, fc.nat(4_000))
      .map(([text, times]) => (text === "" ? "@" : text).repeat(times).slice(0, 4_000));
    fc.assert(
      fc.property(hostileStatus(long), (status) => {
        const body = comment(view(status));
        expect(body.length).toBeLessThan(65_536);
        expect(summary(view(status)).length).toBeLessThan(65_536);
        expect(rendered(body).html.filter((tag) => tag.startsWith("<details")).length).toBe(
          rendered(body).html.filter((tag) => tag === "</details>").length,
        );
      }),
      { numRuns: 50 },
    );
  });

  test("a table has a row for each image, and three cells in each", () => {
    fc.assert(
      fc.property(hostileStatus(hostileText), (status) => {
        const tables = rendered(comment(view({ ...status, phase: "Ready" }))).tables;
        const names = status.images ?? [];
        expect(tables.map((rows) => rows.map((row) => row.length))).toEqual(
          names.length === 0 ? [] : [names.map(() => 3)],
        );
      }),
    );
  });

  test("a log of any length leaves its details closed and its fence ended", () => {
    const log = fc.tuple(hostileText, fc.integer({ min: 0, max: 200_000 }));
    fc.assert(
      fc.property(log, ([text, length]) => {
        const line = text === "" ? "`" : text;
        const evidence = line.repeat(Math.ceil(length / line.length)).slice(0, length);
        const failure = { kind: "user" as const, code: "crash", what: "It fails.", remedy: "Correct it.", evidence };
        const body = comment(view({ phase: "Failed", failure }));
        expect(body.length).toBeLessThan(65_536);
        const { types, html, code } = rendered(`${body}\n\nthe end`);
        expect([...types].filter((type) => !ourTypes.includes(type))).toEqual([]);
        expect(html.filter((tag) => tag.startsWith("<details")).length).toBe(
          html.filter((tag) => tag === "</details>").length,
        );
        expect(code.some((each) => each.includes("the end"))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  test("nothing of a state is said that is not so", () => {
    fc.assert(
      fc.property(hostileStatus(hostileText), (status) => {
        const line = comment(view(status)).split("\n")[2] ?? "";
        const said = rendered(line).text.join("");
        expect(said.startsWith("Preview · ")).toBe(true);
        expect(said.includes("· ready")).toBe(status.phase === "Ready");
      }),
    );
  });
});
