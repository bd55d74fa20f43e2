import { describe, expect, test } from "vitest";
import { grammar, isCommandName } from "../../../src/policy/command-grammar.ts";
import { type Person, refusal, rights } from "../../../src/policy/may.ts";
import { type Permission, permissions } from "../../../src/preview/pull-request.ts";

/**
 * Who may do what: least permission; the author of a pull request whose commit may run, and may not run yet; the author
 * of one from a fork whose commit may run, where that is different.
 */
const expected: Record<string, readonly [Permission, boolean, boolean, boolean?]> = {
  help: ["none", true, true],
  status: ["none", true, true],
  deploy: ["write", true, false],
  rollback: ["write", true, false, false],
  set: ["write", true, false, false],
  unset: ["write", true, false, false],
  rebuild: ["write", true, false, false],
  approve: ["write", false, false],
  stop: ["triage", true, true],
  sleep: ["triage", true, true],
  wake: ["triage", true, false],
  extend: ["triage", true, false],
  keep: ["write", false, false],
  logs: ["triage", true, false],
};

test("every command has its rights", () => {
  expect(Object.keys(rights).toSorted()).toEqual(Object.keys(grammar).toSorted());
  expect(Object.keys(expected).toSorted()).toEqual(Object.keys(grammar).toSorted());
});

describe.each(Object.entries(expected))(
  "%s",
  (name, [least, authorOfTrusted, authorOfHeld, authorOfFork = authorOfTrusted]) => {
    if (!isCommandName(name)) throw new Error(name);
    const may = (person: Person, mayRun: boolean, fork = false) =>
      refusal(name, person, { mayRun, fork }) === undefined;

    test.each(permissions)("somebody with %s", (permission) => {
      const allowed = permissions.indexOf(permission) >= permissions.indexOf(least);
      for (const mayRun of [true, false]) {
        expect(may({ login: "someone", permission, isAuthor: false }, mayRun)).toBe(allowed);
      }
    });

    test("the author, with no permission of their own", () => {
      const author: Person = { login: "author", permission: "read", isAuthor: true };
      expect(may(author, true)).toBe(authorOfTrusted);
      expect(may(author, false)).toBe(authorOfHeld);
      expect(may(author, true, true)).toBe(authorOfFork);
      expect(may(author, false, true)).toBe(authorOfHeld);
    });
  },
);

test("a refusal says who, what is needed, and what to do", () => {
  const stranger: Person = { login: "stranger", permission: "read", isAuthor: false };
  expect(refusal("keep", stranger, { mayRun: true, fork: false })).toEqual({
    reason: "@stranger has read permission, and `/preview keep` needs write.",
    remedy: "Someone with write permission can do it by writing `/preview keep` here.",
  });
  const author: Person = { ...stranger, isAuthor: true };
  expect(refusal("deploy", author, { mayRun: false, fork: false })?.remedy).toContain("/preview approve");
  const fork = refusal("rebuild", author, { mayRun: true, fork: true })?.remedy;
  expect(fork).toBe("Someone with write permission can do it by writing `/preview rebuild` here.");
});
