import { describe, expect, test } from "vitest";
import { ZodError } from "zod";
import { readAnswer, seen } from "../../../../src/adapters/github/look.ts";

const key = { installation: 7, repository: { id: 42, nodeId: "R_42" }, number: 12 };
const marked = "<!-- greenroom:preview 42/12 -->\nready";

const pullRequest = {
  title: "Change",
  url: "https://github.com/acme/shop/pull/12",
  state: "OPEN",
  merged: false,
  isDraft: false,
  author: { kind: "User", login: "Alex" },
  headRefOid: "a".repeat(40),
  headRefName: "change",
  headRepository: { databaseId: 42 },
  baseRefOid: "b".repeat(40),
  baseRefName: "main",
  labels: { nodes: [{ name: "preview" }, null] },
  first: { nodes: [] },
  last: { nodes: [] },
};
const repository = {
  databaseId: 42,
  name: "shop",
  isPrivate: true,
  owner: { login: "acme" },
  defaultBranchRef: { name: "main" },
  collaborators: { totalCount: 1, edges: [{ permission: "WRITE", node: { login: "alex" } }] },
  pullRequest,
};

const see = (changes: object = {}, pr: object = {}, comment?: number) =>
  seen(key, readAnswer({ node: { ...repository, pullRequest: { ...pullRequest, ...pr }, ...changes } }), comment);

const author = (changes: object, pr: object = {}) => {
  const found = see(changes, pr);
  return found === "gone" ? found : found.author;
};

test.each([
  ["no answer", null],
  ["no node", { node: null }],
  ["a node of another kind", { node: {} }],
  ["another repository of that node", { node: { ...repository, databaseId: 43 } }],
  ["no pull request", { node: { ...repository, pullRequest: null } }],
])("%s is gone", (_, data) => expect(seen(key, readAnswer(data), undefined)).toBe("gone"));

describe("the author's permission", () => {
  test("is what the collaborators say, whatever the case of the name", () => {
    expect(author({})).toEqual({ login: "Alex", bot: false, permission: "write" });
  });

  test("is none, or to read what everybody may read, for whoever is no collaborator", () => {
    const nobody = { collaborators: { totalCount: 0, edges: [] } };
    expect(author(nobody)).toMatchObject({ permission: "none" });
    expect(author({ ...nobody, isPrivate: false })).toMatchObject({ permission: "read" });
  });

  test("is not known where the collaborators are too many or not told", () => {
    expect(author({ collaborators: { totalCount: 101, edges: [] } })).toMatchObject({ permission: undefined });
    expect(author({ collaborators: null })).toMatchObject({ permission: undefined });
  });

  test("by a name of tomorrow counts as none", () => {
    const edges = [{ permission: "SUPREME", node: { login: "alex" } }];
    expect(author({ collaborators: { totalCount: 1, edges } })).toMatchObject({ permission: "none" });
  });

  test("is none for bots and for deleted accounts", () => {
    expect(author({}, { author: { kind: "Bot", login: "renovate" } })).toEqual({
      login: "renovate",
      bot: true,
      permission: "none",
    });
    expect(author({}, { author: null })).toEqual({ login: "ghost", bot: false, permission: "none" });
  });
});

const comment = (id: number, body: string, viewerDidAuthor: boolean) => ({
  fullDatabaseId: String(id),
  body,
  viewerDidAuthor,
});
const found = (first: object[], last: object[], id?: number) => {
  const pr = see({}, { first: { nodes: first }, last: { nodes: last } }, id);
  return pr === "gone" ? pr : pr.comment;
};

describe("our comment", () => {
  test("is ours by its author, never by its text alone", () => {
    expect(found([comment(1, marked, false)], [])).toBeUndefined();
    expect(found([comment(1, marked, false), comment(2, marked, true)], [])).toEqual({ id: 2, body: marked });
  });

  test("is the recorded one before any other", () => {
    expect(found([comment(1, marked, true)], [comment(5_000_000_000, "old words", true)], 5_000_000_000)).toEqual({
      id: 5_000_000_000,
      body: "old words",
    });
  });

  test("is not every comment of ours", () => {
    expect(found([comment(1, "something else", true)], [])).toBeUndefined();
  });
});

test("a head whose repository is gone has none", () => {
  expect(see({}, { headRepository: null })).toMatchObject({ head: { sha: "a".repeat(40), ref: "change" } });
});

test("an answer of another form is refused", () => {
  expect(() => readAnswer({ node: { ...repository, pullRequest: { ...pullRequest, state: "NEW" } } })).toThrow(
    ZodError,
  );
});
