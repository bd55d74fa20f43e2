import { expect, test } from "vitest";
import { commitToShow, revisionToShow, withRevision } from "../../../src/preview/pinned.ts";
import type { PreviewSpec, PreviewStatus } from "../../../src/preview/preview.ts";

const sha = (digit: string) => digit.repeat(40);
const head = sha("f");
const spec: PreviewSpec = {
  repository: { id: 1, nodeId: "R_1", fullName: "acme/shop" },
  pullRequest: 1,
  installation: 1,
  want: "running",
};
const revision = (number: number, release = "preview") => ({
  release,
  revision: number,
  commit: sha(String(number % 10)),
});
const status: PreviewStatus = {
  phase: "Ready",
  observedCommit: head,
  release: { name: "preview", revision: 5 },
  revisions: [revision(1), revision(2, "other"), revision(3), revision(5)],
};

test.each([
  ["before what is ready", {}, {}, 3],
  ["the last that was ready, where something has failed", { phase: "Failed" }, {}, 5],
  ["before what failed while it started", { phase: "Failed", release: { name: "preview", revision: 6 } }, {}, 5],
  ["before what was gone back to", {}, { pinned: { ...revision(3), head } }, 1],
  ["as if nothing had been gone back to, after a push", {}, { pinned: { ...revision(3), head: sha("e") } }, 3],
  ["nothing, where there is no earlier one", {}, { pinned: { ...revision(1), head } }, undefined],
  ["nothing, of a release that is gone", { release: undefined }, {}, undefined],
] as const)("rolling back goes to %s", (_, changes, wishes, expected) => {
  const found = revisionToShow({ spec: { ...spec, ...wishes }, status: { ...status, ...changes } }, undefined);
  expect(found?.revision).toBe(expected);
});

test("a revision that is named has to have been ready, of this release", () => {
  expect(revisionToShow({ spec, status }, 1)).toEqual(revision(1));
  expect(revisionToShow({ spec, status }, 2)).toBeUndefined();
  expect(revisionToShow({ spec, status }, 4)).toBeUndefined();
});

test("what is shown is the head again as soon as there is another one", () => {
  const pinned = { ...spec, pinned: { ...revision(3), head } };
  expect(commitToShow({ spec: pinned }, head)).toBe(sha("3"));
  expect(commitToShow({ spec: pinned }, sha("e"))).toBe(sha("e"));
});

test("ten revisions are kept, and none of a history that began anew", () => {
  const many = Array.from({ length: 10 }, (_, index) => revision(index + 1));
  expect(withRevision({ revisions: many }, revision(11)).map((each) => each.revision)).toEqual([
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
  ]);
  expect(withRevision({ revisions: many }, revision(1))).toEqual([revision(1)]);
  expect(withRevision({ revisions: many }, revision(12, "other"))).toEqual([revision(12, "other")]);
});
