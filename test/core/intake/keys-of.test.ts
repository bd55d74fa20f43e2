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

test.each([
  ["edited", "open", "**Preview** · removed", true],
  ["created", "open", "**Preview** · ready", false],
  ["created", "closed", "**Preview** · building", true],
  ["edited", "closed", "**Preview** · removed", false],
])("our own comment, %s while it is %s, that says: %s", (action, state, headline, isUntrue) => {
  const said = { body: `<!-- greenroom:preview 42/12 -->\n\n${headline}\n`, user: { type: "Bot" } };
  const issue = { number: 12, state, pull_request: {} };
  const asks = keysOf("issue_comment", comment(said.body, { action, comment: said, issue }));
  expect(asks).toEqual(isUntrue ? [{ key, cause: "check" }] : []);
});

const ours = { external_id: "42/12", head_sha: sha, pull_requests: [] };
const run = (action: string, check_run: object, more: object = {}) => ({
  ...base,
  sender: { type: "User", login: "maintainer" },
  action,
  check_run,
  ...more,
});

describe("check_run", () => {
  test.each(["approve", "deploy", "rebuild"])(
    "a press of %s names its pull request by the key it carries",
    (button) => {
      const press = { button, commit: sha, login: "maintainer" };
      expect(keysOf("check_run", run("requested_action", ours, { requested_action: { identifier: button } }))).toEqual([
        { key, cause: "change", press },
      ]);
    },
  );

  test("GitHub's own button asks to deploy once more", () => {
    const press = { button: "deploy", commit: sha, login: "maintainer" };
    expect(keysOf("check_run", run("rerequested", ours))).toEqual([{ key, cause: "change", press }]);
  });

  test("ignores other repositories' numbers, others' buttons and other actions", () => {
    for (const external_id of ["43/12", "42/0", "42", "", "42/12/1", null, undefined])
      expect(keysOf("check_run", run("rerequested", { ...ours, external_id }))).toEqual([]);
    const foreign = { requested_action: { identifier: "merge" } };
    expect(keysOf("check_run", run("requested_action", ours, foreign))).toEqual([]);
    expect(keysOf("check_run", run("requested_action", ours))).toEqual([]);
    expect(keysOf("check_run", run("completed", ours))).toEqual([]);
    expect(keysOf("check_run", run("rerequested", { ...ours, head_sha: "main" }))).toEqual([]);
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
