import { anything, assert, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { keysOf } from "../../../src/intake/keys-of.ts";

const base = {
  installation: { id: 7 },
  repository: { id: 42, node_id: "R_42" },
  sender: { type: "User" },
};
const key = { installation: 7, repository: { id: 42, nodeId: "R_42" }, number: 12 };
const sha = "a".repeat(40);

const pullRequest = (action: string, more: object = {}) => ({
  ...base,
  action,
  pull_request: { number: 12, head: { sha, repo: null } },
  ...more,
});

describe("pull_request", () => {
  test.each(["opened", "reopened", "synchronize"])("%s is a change and announces its head", (action) => {
    expect(keysOf("pull_request", pullRequest(action))).toEqual([
      { key, cause: "change", announcement: { key, head: sha, closed: false } },
    ]);
  });

  test("closed announces the end", () => {
    expect(keysOf("pull_request", pullRequest("closed"))).toEqual([
      { key, cause: "change", announcement: { key, head: sha, closed: true } },
    ]);
  });

  test.each(["labeled", "unlabeled", "ready_for_review", "converted_to_draft"])("%s asks for a look", (action) => {
    expect(keysOf("pull_request", pullRequest(action))).toEqual([{ key, cause: "check" }]);
  });

  test("edited matters only where the base branch changed", () => {
    expect(keysOf("pull_request", pullRequest("edited", { changes: { title: { from: "x" } } }))).toEqual([]);
    expect(keysOf("pull_request", pullRequest("edited", { changes: { base: { ref: { from: "main" } } } }))).toEqual([
      { key, cause: "check" },
    ]);
  });

  test.each(["assigned", "review_requested", "locked", "constructor", "__proto__"])("%s is ignored", (action) => {
    expect(keysOf("pull_request", pullRequest(action))).toEqual([]);
  });
});

const comment = (body: string, more: object = {}) => ({
  ...base,
  action: "created",
  issue: { number: 12, pull_request: { url: "https://example.dev" } },
  comment: { body, user: { type: "User" } },
  ...more,
});

describe("issue_comment", () => {
  test.each(["/preview deploy", "/preview", "please\n/preview stop\nthanks", "/preview\r\n", "hi\r\n/preview wake"])(
    "%j is a command",
    (body) => expect(keysOf("issue_comment", comment(body))).toEqual([{ key, cause: "change", isCommand: true }]),
  );

  test.each(["see /preview deploy", "> /preview deploy", "/previews", "/preview-all", "nice", ""])(
    "%j is none",
    (body) => expect(keysOf("issue_comment", comment(body))).toEqual([]),
  );

  test("bots, issues, edits and deletions are ignored", () => {
    const body = "/preview deploy";
    expect(keysOf("issue_comment", comment(body, { comment: { body, user: { type: "Bot" } } }))).toEqual([]);
    expect(keysOf("issue_comment", comment(body, { issue: { number: 12 } }))).toEqual([]);
    expect(keysOf("issue_comment", comment(body, { action: "edited" }))).toEqual([]);
    expect(keysOf("issue_comment", comment(body, { action: "deleted" }))).toEqual([]);
  });
});

test("our own comment is looked after when somebody deletes it", () => {
  const ours = { body: "<!-- greenroom:preview 42/12 -->\n\nready", user: { type: "Bot" } };
  expect(keysOf("issue_comment", comment(ours.body, { action: "deleted", comment: ours }))).toEqual([
    { key, cause: "check" },
  ]);
  expect(keysOf("issue_comment", comment(ours.body, { action: "edited", comment: ours }))).toEqual([]);
});

const run = (action: string, check_run: object) => ({ ...base, action, check_run });

describe("check_run", () => {
  const listed = { number: 12, base: { repo: { id: 42 } } };

  test("finds the pull request by its list or by the key it carries", () => {
    expect(keysOf("check_run", run("requested_action", { pull_requests: [listed] }))).toEqual([
      { key, cause: "change" },
    ]);
    expect(keysOf("check_run", run("rerequested", { external_id: "42/12", pull_requests: [] }))).toEqual([
      { key, cause: "change" },
    ]);
  });

  test("ignores other repositories' numbers and other actions", () => {
    expect(keysOf("check_run", run("requested_action", { external_id: "43/12", pull_requests: [] }))).toEqual([]);
    const foreign = { number: 12, base: { repo: { id: 43 } } };
    expect(keysOf("check_run", run("requested_action", { pull_requests: [foreign] }))).toEqual([]);
    expect(keysOf("check_run", run("completed", { pull_requests: [listed] }))).toEqual([]);
  });
});

test.each(["installation", "installation_repositories", "push", "star", "ping", "toString"])(
  "%s names no pull request",
  (event) => expect(keysOf(event, { ...base, action: "created" })).toEqual([]),
);

test("never throws, whatever the payload", () => {
  const events = constantFrom("pull_request", "issue_comment", "check_run", "installation");
  assert(
    property(events, anything(), (event, payload) => {
      expect(keysOf(event, payload)).toEqual([]);
    }),
  );
});
