import { describe, expect, test } from "vitest";
import { failureFrom, isForbidden, isStatus } from "../../../../src/adapters/github/failures.ts";
import { gitHost } from "../../../../src/adapters/github/pull-requests.ts";
import { FailureError } from "../../../../src/preview/failure.ts";

const now = Date.parse("2026-01-01T00:00:00Z");
const answered = (status: number, headers: Record<string, string> = {}, message = "said GitHub") =>
  Object.assign(new Error(message), { status, response: { headers } });
const graphql = (types: (string | undefined)[], headers: Record<string, string> = {}) =>
  Object.assign(new Error("said GraphQL"), { errors: types.map((type) => ({ type })), headers, response: {} });

const reset = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now / 1_000 + 90) };

test.each([
  [
    "no answer at all",
    Object.assign(new Error("connect ECONNREFUSED"), { name: "HttpError", status: 500 }),
    "transient",
    "github-unavailable",
    undefined,
  ],
  ["no answer in time", new DOMException("late", "TimeoutError"), "transient", "github-unavailable", undefined],
  ["trouble of GitHub's", answered(502), "transient", "github-unavailable", undefined],
  ["trouble with a date", answered(503, { "retry-after": "30" }), "transient", "github-unavailable", 30],
  ["too many calls", answered(429, { "retry-after": "7" }), "transient", "github-rate-limited", 7],
  ["an hour's calls used up", answered(403, reset), "transient", "github-rate-limited", 90],
  ["a secondary limit", answered(403, { "retry-after": "60" }), "transient", "github-rate-limited", 60],
  [
    "a secondary limit without a time",
    answered(403, {}, "You have exceeded a secondary rate limit"),
    "transient",
    "github-rate-limited",
    60,
  ],
  [
    "a time as a date",
    answered(429, { "retry-after": "Thu, 01 Jan 2026 00:02:00 GMT" }),
    "transient",
    "github-rate-limited",
    120,
  ],
  ["GraphQL's limit", graphql(["RATE_LIMITED"], reset), "transient", "github-rate-limited", 90],
  ["GraphQL's own trouble", graphql([undefined]), "transient", "github-unavailable", undefined],
  ["a wrong key", answered(401), "operator", "github-credentials-refused", undefined],
  ["a missing permission", answered(403), "operator", "github-access-missing", undefined],
  ["GraphQL's missing permission", graphql(["FORBIDDEN"]), "operator", "github-access-missing", undefined],
  ["nothing there", answered(404), "operator", "github-access-missing", undefined],
  ["an answer of another form", new Error("expected string"), "bug", "github-answer-unexpected", undefined],
  ["a key that is none", new Error("Invalid PEM"), "operator", "github-private-key-unusable", undefined],
  ["a request that makes no sense", answered(422), "bug", "github-request-refused", undefined],
])("%s", (_, error, kind, code, wait) => {
  const { failure } = failureFrom(error, "reading", now);
  expect([failure.kind, failure.code, failure.retryAfterSeconds]).toEqual([kind, code, wait]);
});

test("a failure stays what it is", () => {
  const own = new FailureError({ kind: "user", code: "x", what: "x", remedy: "x" });
  expect(failureFrom(own, "reading")).toBe(own);
});

test("the missing permission is named where GitHub names it", () => {
  const { failure } = failureFrom(answered(403, { "x-accepted-github-permissions": "checks=write" }), "writing");
  expect(failure.remedy).toContain("checks=write");
});

describe("a status", () => {
  test("counts only where there was an answer", () => {
    expect(isStatus(answered(404), 404)).toBe(true);
    expect(isStatus(Object.assign(new Error("x"), { status: 404 }), 404)).toBe(false);
    expect(isStatus(undefined, 404)).toBe(false);
  });

  test("of a limit is no missing permission", () => {
    expect([isForbidden(answered(403)), isForbidden(answered(403, { "retry-after": "1" }))]).toEqual([true, false]);
  });
});

test.each([
  ["https://api.github.com", "https://github.com"],
  ["https://api.github.com/", "https://github.com"],
  ["https://api.acme.ghe.com", "https://acme.ghe.com"],
  ["https://github.acme.example/api/v3", "https://github.acme.example"],
  ["http://127.0.0.1:4000/api/v3", "http://127.0.0.1:4000"],
])("git beside %s is at %s", (api, git) => expect(gitHost(api)).toBe(git));
