import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../../../src/preview/decide.ts";
import { type Phase, phases } from "../../../src/preview/preview.ts";
import { headCommit, otherCommit, samplePreview, samplePullRequest } from "./sample.ts";

const open = samplePullRequest();
const closed = samplePullRequest({ state: "closed" });
const fork = samplePullRequest({ head: { sha: headCommit, ref: "blue", repositoryId: 99 } });

describe("decide", () => {
  test.each([
    ["open, nothing yet", open, undefined, "deploy"],
    ["closed, nothing there", closed, undefined, "nothing"],
    ["gone, nothing there", "gone" as const, undefined, "nothing"],
    ["closed with a preview", closed, samplePreview({ phase: "Ready", observedCommit: headCommit }), "remove"],
    ["gone with a preview", "gone" as const, samplePreview({ phase: "Ready" }), "remove"],
    ["closed and held", closed, samplePreview({ phase: "Held", observedCommit: headCommit }), "remove"],
    ["record deleted by hand", open, samplePreview({ phase: "Ready" }, { deleting: true }), "remove"],
    ["ready at the head", open, samplePreview({ phase: "Ready", observedCommit: headCommit }), "check-health"],
    ["failing at the head", open, samplePreview({ phase: "Failing", observedCommit: headCommit }), "check-health"],
    ["failed at the head", open, samplePreview({ phase: "Failed", observedCommit: headCommit }), "nothing"],
    ["failed at an older head", open, samplePreview({ phase: "Failed", observedCommit: otherCommit }), "deploy"],
    ["ready at an older head", open, samplePreview({ phase: "Ready", observedCommit: otherCommit }), "deploy"],
    ["crashed while building", open, samplePreview({ phase: "Building", observedCommit: headCommit }), "deploy"],
    ["crashed while deploying", open, samplePreview({ phase: "Deploying", observedCommit: headCommit }), "deploy"],
    ["crashed while removing, then reopened", open, samplePreview({ phase: "Removing" }), "deploy"],
    ["fork", fork, undefined, "hold"],
    ["fork, approved at this commit", fork, approved(headCommit), "deploy"],
    ["fork, approved at an older commit", fork, approved(otherCommit), "hold"],
  ] as const)("%s", (_title, pr, preview, expected) => {
    expect(decide(pr, preview).do).toBe(expected);
  });

  test("a held pull request is told once for each commit", () => {
    const first = decide(fork, undefined);
    if (first.do !== "hold") throw new Error(`expected hold, got ${first.do}`);
    const told = samplePreview({ phase: "Held", observedCommit: headCommit, reason: first.reason });
    expect(decide(fork, told).do).toBe("nothing");
    const pushed = samplePullRequest({ head: { sha: otherCommit, ref: "blue", repositoryId: 99 } });
    expect(decide(pushed, told).do).toBe("hold");
  });

  test("someone without write permission is held even on a branch of the base repository", () => {
    const author = { login: "visitor", bot: false, permission: "read" as const };
    expect(decide(samplePullRequest({ author }), undefined)).toMatchObject({ do: "hold" });
  });

  test("nothing of an unapproved fork is ever deployed, whatever the record says", () => {
    fc.assert(
      fc.property(fc.constantFrom<Phase | undefined>(undefined, ...phases), fc.boolean(), (phase, deleting) => {
        const preview = samplePreview({ ...(phase && { phase }), observedCommit: headCommit }, { deleting });
        expect(["hold", "nothing", "remove"]).toContain(decide(fork, preview).do);
      }),
    );
  });

  test("a closed pull request never keeps anything, whatever the record says", () => {
    fc.assert(
      fc.property(fc.constantFrom<Phase | undefined>(undefined, ...phases), (phase) => {
        const preview = samplePreview({ ...(phase && { phase }), observedCommit: headCommit });
        expect(decide(closed, preview)).toMatchObject({ do: "remove", reopen: false });
      }),
    );
  });
});

function approved(commit: string) {
  const preview = samplePreview({ phase: "Held", observedCommit: headCommit });
  return { ...preview, spec: { ...preview.spec, approvedCommit: commit } };
}
