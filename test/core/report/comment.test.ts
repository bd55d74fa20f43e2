import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PreviewStatus, previewStatus } from "../../../src/preview/preview.ts";
import { comment, commentMarker, summary } from "../../../src/report/comment.ts";
import { hostileText, recognised } from "./hostile.ts";
import { rendered } from "./rendered.ts";
import { states, view } from "./views.ts";

describe("each state", () => {
  // `vitest -u` writes the files anew; read the difference before committing it.
  test.each(Object.entries(states))("%s", async (name, state) => {
    expect(previewStatus.safeParse(state.preview.status).success).toBe(true);
    await expect(comment(state)).toMatchFileSnapshot(`golden/${name}.md`);
  });
});

test("the marker is the first line of every comment, and of no check", () => {
  for (const state of Object.values(states)) {
    expect(comment(state).split("\n")[0]).toBe(commentMarker(42, 12));
    expect(summary(state)).not.toContain("<!--");
    expect(summary(state).trim()).not.toBe("");
  }
});

test("the same view is always the same comment", () => {
  for (const state of Object.values(states)) expect(comment(structuredClone(state))).toBe(comment(state));
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
];
const ourLinks = ["https://12-shop.preview.example", "https://api--12-shop.preview.example"];

const phase = fc.constantFrom(
  ...(["Held", "Waiting", "Building", "Deploying", "Ready", "Failing", "Failed", "Asleep", "Removing"] as const),
);
const outcome = fc.constantFrom(
  "pending" as const,
  "building" as const,
  "built" as const,
  "reused" as const,
  "failed" as const,
);

/** A record's status in which everything that a pull request can write is hostile. */
function hostileStatus(text: fc.Arbitrary<string>): fc.Arbitrary<PreviewStatus> {
  const short = text.map((long) => long.slice(0, 200));
  return fc.record({
    phase,
    reason: text.map((long) => long.slice(0, 500)),
    remedy: text.map((long) => long.slice(0, 500)),
    images: fc.array(fc.record({ name: short, reference: short, outcome, seconds: fc.nat(9_999) }), { maxLength: 50 }),
    notices: fc.array(
      text.map((long) => long.slice(0, 500)),
      { maxLength: 20 },
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
        expect(rendered(body).html.filter((tag) => tag.startsWith("<details")).length).toBe(
          rendered(body).html.filter((tag) => tag === "</details>").length,
        );
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
