import { expect, test } from "vitest";
import { isTooLate, type SpecChanges } from "../../../src/preview/spec-changes.ts";
import { samplePreview } from "./sample.ts";

const { spec: read } = samplePreview();
const lastComment = (id: number) => ({ id, createdAt: "2026-01-01T00:00:00Z", done: "rocket" as const });

test.each<[boolean, string, SpecChanges, SpecChanges]>([
  [false, "nobody has changed anything", {}, { want: "stopped" }],
  [true, "somebody has changed the same", { want: "stopped" }, { want: "running" }],
  [false, "somebody has changed something else", { keep: true }, { want: "stopped" }],
  [false, "it was done before, and only the answer was lost", { want: "stopped" }, { want: "stopped" }],
  [true, "somebody has added to the same list", { presses: ["a"] }, { presses: ["b"] }],
  [true, "what is to be removed has another value", { approvedCommit: "b".repeat(40) }, { approvedCommit: undefined }],
  [true, "its comment was obeyed", { lastComment: lastComment(7) }, { lastComment: lastComment(7) }],
  [true, "a later comment was obeyed", { lastComment: lastComment(8) }, { lastComment: lastComment(7) }],
  [false, "an earlier comment was obeyed", { lastComment: lastComment(6) }, { lastComment: lastComment(7) }],
])("too late is %s where %s", (expected, _, others, changes) => {
  const now = { ...read, ...Object.fromEntries(Object.entries(others)) };
  expect(isTooLate(read, now, changes)).toBe(expected);
});
