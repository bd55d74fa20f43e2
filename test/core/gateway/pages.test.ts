import { describe, expect, test } from "vitest";
import { noticeFor, noticeForPreview } from "../../../src/gateway/page-text.ts";
import { page } from "../../../src/gateway/pages.ts";
import { type Phase, phases } from "../../../src/preview/preview.ts";
import { preview } from "./sample.ts";

const hostile = `<script>alert(1)</script>" onload='x' & \`rm <b>\``;

const shown = (phase: Phase, status: Parameters<typeof preview>[1] = {}) =>
  page(noticeForPreview(preview("12-shop", { phase, ...status }), undefined, "https://github.com"), "text/html");

describe("status codes", () => {
  test.each([
    ["Building", 503, true],
    ["Deploying", 503, true],
    ["Waiting", 503, true],
    ["Ready", 503, true],
    ["Failing", 503, true],
    ["Held", 503, false],
    ["Failed", 503, false],
    ["Asleep", 503, true],
    ["Removing", 410, false],
  ] as const)("%s is %i", (phase, status, again) => {
    const { headers, body, status: answered } = shown(phase);
    expect(answered).toBe(status);
    expect(headers["retry-after"] !== undefined).toBe(again);
    expect(body.includes('http-equiv="refresh"')).toBe(again);
    expect(headers["cache-control"]).toBe("no-store");
  });

  test("trouble on the way", () => {
    const ready = preview("12-shop");
    expect(noticeForPreview(ready, "unreachable", undefined).status).toBe(502);
    expect(noticeForPreview(ready, "timeout", undefined).status).toBe(504);
    expect(noticeFor({ kind: "bad-host" }).status).toBe(400);
    expect(noticeFor({ kind: "unknown", host: "x" }).status).toBe(404);
  });
});

test("nothing of a pull request becomes markup", () => {
  const failure = { kind: "user" as const, code: "x", what: hostile, remedy: hostile };
  for (const phase of phases) {
    const { body } = shown(phase, { reason: hostile, failure });
    expect(body).not.toMatch(/<script|<b>|onload='/);
  }
  expect(shown("Failed", { failure }).body).toContain("<code>rm &lt;b&gt;</code>");
  expect(page(noticeFor({ kind: "unknown", host: hostile }), undefined).body).not.toMatch(/<script|<b>/);
});

test("a failure is told with what to do, and without its log", () => {
  const failure = {
    kind: "user" as const,
    code: "dockerfile-step-failed",
    what: "`RUN make` failed.",
    remedy: "Correct it.",
    evidence: "SECRET=1",
  };
  const { body } = shown("Failed", { failure });
  expect(body).toContain("<code>RUN make</code> failed.");
  expect(body).toContain("Correct it.");
  expect(body).not.toContain("SECRET");
  expect(body).toContain('<a href="https://github.com/acme/shop/pull/12">acme/shop#12</a>');
});

const said = (phase: Phase, status: Parameters<typeof preview>[1] = {}) => {
  const { title, text, remedy, tone } = noticeForPreview(
    preview("12-shop", { phase, ...status }),
    undefined,
    undefined,
  );
  return [title, text, remedy, tone];
};

describe("in one look", () => {
  const since = "2026-01-02T00:00:00.000Z";

  test("a preview in line says where it stands", () => {
    const reason = "ten previews run already";
    expect(said("Waiting", { place: 3, reason })).toEqual([
      "The preview is number 3 in line",
      "Ten previews run already.",
      undefined,
      "busy",
    ]);
    expect(said("Waiting", { place: 1 })[0]).toBe("The preview is next in line");
    expect(said("Waiting")[0]).toBe("The preview has to wait");
  });

  test("a preview that is held says why and what helps", () => {
    expect(said("Held", { reason: "Nobody has used it for 72 hours.", remedy: "Push a commit" })).toEqual([
      "The preview is held",
      "Nobody has used it for 72 hours.",
      "Push a commit.",
      "calm",
    ]);
  });

  test.each([
    ["asked", "Somebody put it to sleep."],
    ["idle", "Nobody used it for a while."],
    ["room", "It made room for another one."],
  ] as const)("a preview that sleeps (%s) says since why", (because, why) => {
    const [title, text, remedy] = said("Asleep", { asleep: { since, because, workloads: [] } });
    expect([title, text]).toEqual(["The preview is asleep", why]);
    expect(remedy).toContain("browser");
  });

  test("a preview that is scaled back after a sleep says so", () => {
    const [title, text] = said("Deploying", { asleep: { since, because: "idle", workloads: [] } });
    expect([title, text]).toEqual([
      "The preview is waking up",
      "Nobody used it for a while. This page turns into it as soon as it is ready.",
    ]);
  });

  test("a removal that does not end says what holds it", () => {
    const what = "The namespace `preview-12-shop` cannot be deleted: it has a finalizer.";
    const failure = { kind: "operator" as const, code: "namespace-held", what, remedy: "Take it off." };
    expect(said("Removing", { failure, reason: "closed" })[1]).toBe(what);
    expect(said("Removing", { reason: "merged" }).slice(0, 2)).toEqual([
      "The preview is being removed",
      "Everything of it is taken away: merged.",
    ]);
  });
});

test("what has the form of a secret is not shown to visitors", () => {
  const reason = "postgres://shop:hunter2hunter2@db refused";
  expect(shown("Held", { reason }).body).not.toContain("hunter2");
});

test.each([
  [undefined, "text/html"],
  ["*/*", "text/html"],
  ["text/html,application/json;q=0.9", "text/html"],
  ["application/json", "application/json"],
  ["application/json, text/plain, */*", "application/json"],
])("Accept: %s gets %s", (accept, type) => {
  const { headers, body } = page(
    noticeForPreview(preview("12-shop", { phase: "Building" }), undefined, undefined),
    accept,
  );
  expect(headers["content-type"]).toContain(type);
  expect(body.startsWith("{")).toBe(type === "application/json");
});

test("JSON tells the same as the page", () => {
  const building = preview("12-shop", { phase: "Building" });
  expect(JSON.parse(page(noticeForPreview(building, undefined, undefined), "application/json").body)).toEqual({
    error: {
      code: "building",
      title: "The preview is being built",
      text: "This page turns into it as soon as it is ready.",
      retryAfterSeconds: 2,
    },
    preview: { pullRequest: "acme/shop#12", commit: "aaaaaaa" },
  });
});
