import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyRoom, type Capacity } from "../../../src/policy/capacity.ts";
import type { Lifetime } from "../../../src/policy/lifetime.ts";
import type { Wanted } from "../../../src/policy/triggers.ts";
import { decide as decideOn, type Intent } from "../../../src/preview/decide.ts";
import { type Phase, phases, type Preview, type PreviewStatus } from "../../../src/preview/preview.ts";
import type { PullRequest } from "../../../src/preview/pull-request.ts";
import { headCommit, otherCommit, samplePreview, samplePullRequest } from "./sample.ts";

const open = samplePullRequest();
const closed = samplePullRequest({ state: "closed" });
const fork = samplePullRequest({ head: { sha: headCommit, ref: "blue", repositoryId: 99 } });
const told = samplePullRequest({ comment: { id: 1, body: "" } });

const removed: Lifetime = { idleHours: 72, warnHours: 12, afterwards: "remove" };
const sleeps: Lifetime = { ...removed, afterwards: "sleep" };
const full: Capacity = { line: { place: 3, of: 7, because: "Four are being built." }, givesRoom: false };
const hours = (count: number) => new Date(Date.parse("2026-01-01T00:00:00Z") + count * 3_600_000);
const at = (count: number) => hours(count).toISOString();

type Given = { lifetime?: Lifetime; wanted?: Wanted; capacity?: Capacity; now?: Date };

function decide(pr: PullRequest | "gone", preview: Preview | undefined, given: Given = {}): Intent {
  const { lifetime = removed, wanted = { wanted: true }, capacity = anyRoom, now = hours(1) } = given;
  return decideOn(pr, preview, { lifetime, wanted }, capacity, now);
}

/** A record at the head commit that runs, or did. */
function atHead(status: PreviewStatus, spec: Partial<Preview["spec"]> = {}): Preview {
  const preview = samplePreview({ observedCommit: headCommit, namespace: "preview-12-shop", ...status });
  return { ...preview, spec: { ...preview.spec, ...spec } };
}

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
    ["failed at the head, and said so", told, atHead({ phase: "Failed", reported: "x" }), "nothing"],
    ["failed at the head, and not said", told, atHead({ phase: "Failed" }), "tell"],
    ["failed at the head, and somebody deleted the comment", open, atHead({ phase: "Failed", reported: "x" }), "tell"],
    ["failed at an older head", open, samplePreview({ phase: "Failed", observedCommit: otherCommit }), "deploy"],
    ["ready at an older head", open, samplePreview({ phase: "Ready", observedCommit: otherCommit }), "deploy"],
    ["crashed while building", open, samplePreview({ phase: "Building", observedCommit: headCommit }), "deploy"],
    ["crashed while deploying", open, samplePreview({ phase: "Deploying", observedCommit: headCommit }), "deploy"],
    ["crashed while removing, then reopened", open, samplePreview({ phase: "Removing" }), "remove"],
    ["fork", fork, undefined, "hold"],
    ["fork, approved at this commit", fork, approved(headCommit), "deploy"],
    ["fork, approved at an older commit", fork, approved(otherCommit), "hold"],
  ] as const)("%s", (_title, pr, preview, expected) => {
    expect(decide(pr, preview).do).toBe(expected);
  });

  test("a held pull request is told once for each commit", () => {
    const first = decide(fork, undefined);
    if (first.do !== "hold") throw new Error(`expected hold, got ${first.do}`);
    const held = samplePreview({ phase: "Held", observedCommit: headCommit, reason: first.reason, reported: "x" });
    expect(decide({ ...fork, comment: { id: 1, body: "" } }, held).do).toBe("nothing");
    expect(decide(fork, held).do).toBe("tell");
    const pushed = samplePullRequest({ head: { sha: otherCommit, ref: "blue", repositoryId: 99 } });
    expect(decide(pushed, held).do).toBe("hold");
  });

  test("someone without write permission is held even on a branch of the base repository", () => {
    const author = { login: "visitor", bot: false, permission: "read" as const };
    expect(decide(samplePullRequest({ author }), undefined)).toMatchObject({ do: "hold" });
  });

  test("nothing of an unapproved fork is ever deployed, whatever the record says", () => {
    fc.assert(
      fc.property(fc.constantFrom<Phase | undefined>(undefined, ...phases), fc.boolean(), (phase, deleting) => {
        const preview = samplePreview({ ...(phase && { phase }), observedCommit: headCommit }, { deleting });
        expect(["hold", "tell", "nothing", "remove"]).toContain(decide(fork, preview).do);
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

describe("what people asked for", () => {
  test("stopped: nothing runs any more, and that is said once", () => {
    const running = atHead({ phase: "Ready" }, { want: "stopped" });
    const first = decide(told, running);
    if (first.do !== "hold") throw new Error(`expected hold, got ${first.do}`);
    const { namespace: _, ...status } = running.status;
    const held = { ...running, status: { ...status, phase: "Held" as const, reason: first.reason, reported: "x" } };
    expect(decide(told, held).do).toBe("nothing");
    const half = { ...running, status: { ...running.status, phase: "Held" as const, reason: first.reason } };
    expect(decide(told, half).do).toBe("hold");
    expect(decide(told, { ...held, spec: { ...held.spec, want: "running" } }).do).toBe("deploy");
  });

  test("asleep: it sleeps, also with a new head, until somebody visits it or wants it running", () => {
    expect(decide(told, atHead({ phase: "Ready" }, { want: "asleep" }))).toEqual({ do: "sleep", because: "asked" });
    const asleep = { since: at(0), because: "asked" as const, workloads: [] };
    const sleeping = atHead({ phase: "Asleep", deployedCommit: headCommit, asleep, reported: "x" }, { want: "asleep" });
    expect(decide(told, sleeping).do).toBe("nothing");
    const pushed = samplePullRequest({ head: { ...told.head, sha: otherCommit } });
    expect(decide(pushed, sleeping).do).toBe("sleep");
    const wanted = { ...sleeping, spec: { ...sleeping.spec, want: "running" as const } };
    expect(decide(told, wanted).do).toBe("wake");
    const visited = { ...sleeping, status: { ...sleeping.status, lastVisitAt: at(0.5) } };
    expect(decide(told, visited).do).toBe("wake");
    const other = { ...visited, status: { ...visited.status, deployedCommit: otherCommit } };
    expect(decide(told, other).do).toBe("deploy");
  });
});

describe("sleep", () => {
  const asleep = { since: at(100), because: "idle" as const, workloads: [] };
  const sleeping = atHead({ phase: "Asleep", deployedCommit: headCommit, asleep, reported: "x" });
  const given = { lifetime: sleeps, now: hours(101) };

  test("it sleeps on until somebody visits it", () => {
    expect(decide(told, sleeping, given).do).toBe("nothing");
    const before = { ...sleeping, status: { ...sleeping.status, lastVisitAt: at(99) } };
    expect(decide(told, before, given).do).toBe("nothing");
    const after = { ...sleeping, status: { ...sleeping.status, lastVisitAt: at(100.5) } };
    expect(decide(told, after, given).do).toBe("wake");
    expect(decide(told, after, { ...given, capacity: full })).toMatchObject({ do: "wait", line: { place: 3 } });
    const waiting = { ...after, status: { ...after.status, phase: "Waiting" as const } };
    expect(decide(told, waiting, given).do).toBe("wake");
  });

  test("a new head is deployed", () => {
    const pushed = samplePullRequest({ head: { ...told.head, sha: otherCommit } });
    expect(decide(pushed, sleeping, given).do).toBe("deploy");
  });

  test("what was interrupted on its way to sleep is awake again, unless it should sleep still", () => {
    const half = { ...sleeping, status: { ...sleeping.status, phase: "Ready" as const } };
    expect(decide(told, half, { ...given, now: hours(10) }).do).toBe("wake");
    expect(decide(told, half, given)).toEqual({ do: "sleep", because: "idle" });
  });

  test("the longest idle gives room", () => {
    const ready = atHead({ phase: "Ready", deployedCommit: headCommit });
    expect(decide(told, ready, { capacity: { givesRoom: true } })).toEqual({ do: "sleep", because: "room" });
  });
});

describe("expiry", () => {
  const ready = atHead({ phase: "Ready", deployedCommit: headCommit, lastActivityAt: at(10) });

  test.each([
    ["before its time", ready, removed, 81, "check-health"],
    ["at its time", ready, removed, 82, "hold"],
    ["at its time, where it may sleep", ready, sleeps, 82, "sleep"],
    ["never", ready, { ...removed, idleHours: 0 }, 10_000, "check-health"],
    ["visited since", atHead({ ...ready.status, lastVisitAt: at(50) }), removed, 82, "check-health"],
    ["kept until later", atHead(ready.status, { keepUntil: at(200) }), removed, 199, "check-health"],
    ["kept until then", atHead(ready.status, { keepUntil: at(200) }), removed, 200, "hold"],
    ["failed", atHead({ ...ready.status, phase: "Failed" }), removed, 82, "hold"],
    ["asleep, where nothing is kept", sleepingSince(20), removed, 82, "hold"],
    ["asleep, where it may sleep", sleepingSince(20), sleeps, 10_000, "nothing"],
  ] as const)("%s", (_title, preview, lifetime, now, expected) => {
    expect(decide(told, preview, { lifetime, now: hours(now) }).do).toBe(expected);
  });

  test("what expired stays away until there is a push, or activity of another kind", () => {
    const intent = decide(told, ready, { now: hours(82) });
    if (intent.do !== "hold") throw new Error(`expected hold, got ${intent.do}`);
    expect(intent).toMatchObject({ expired: true, reason: expect.stringContaining("72 hours") });
    const { namespace: _, ...status } = ready.status;
    const held = samplePreview({ ...status, phase: "Held", reason: intent.reason, expiresAt: at(82), reported: "x" });
    expect(decide(told, held, { now: hours(83) }).do).toBe("nothing");
    const pushed = samplePullRequest({ head: { ...told.head, sha: otherCommit } });
    expect(decide(pushed, held, { now: hours(83) }).do).toBe("deploy");
    const asked = { ...held, status: { ...held.status, lastActivityAt: at(83) } };
    expect(decide(told, asked, { now: hours(83) }).do).toBe("deploy");
  });

  test("who was held for another reason is not kept out by age", () => {
    expect(decide(told, samplePreview({ phase: "Held", observedCommit: headCommit }), { now: hours(1_000) }).do).toBe(
      "deploy",
    );
  });

  function sleepingSince(count: number): Preview {
    const asleep = { since: at(count), because: "idle" as const, workloads: [] };
    return atHead({ ...ready.status, phase: "Asleep", asleep, reported: "x" });
  }
});

describe("what policy does not want", () => {
  const onRequest: Wanted = { wanted: false, reason: "On request.", remedy: "Ask.", onRequest: true, silent: false };
  const forbidden: Wanted = { ...onRequest, reason: "Forbidden.", onRequest: false };
  const running = atHead({ phase: "Ready", deployedCommit: headCommit });
  const asked = atHead(running.status, { requested: true });

  test.each([
    ["nothing there", open, undefined, onRequest, "hold"],
    ["nothing there, and no word of it", open, undefined, { ...onRequest, silent: true }, "nothing"],
    ["running", told, running, onRequest, "hold"],
    ["running, and no word of it", told, running, { ...onRequest, silent: true }, "hold"],
    ["asked for by command", told, asked, onRequest, "check-health"],
    ["asked for by command, and forbidden", told, asked, forbidden, "hold"],
    ["of a fork that nobody approved", fork, undefined, onRequest, "hold"],
    ["asked for, of a fork that nobody approved", fork, asked, onRequest, "hold"],
    ["closed", closed, running, forbidden, "remove"],
  ] as const)("%s", (_title, pr, preview, wanted, expected) => {
    expect(decide(pr, preview, { wanted }).do).toBe(expected);
  });

  test.each([
    ["said once", told, false, "nothing"],
    ["said again where the comment is gone", open, false, "tell"],
    ["never said", open, true, "nothing"],
  ] as const)("it is %s", (_title, pr, silent, expected) => {
    const wanted = { ...onRequest, silent };
    const { namespace: _, ...status } = running.status;
    const unwanted = { onRequest: true, silent };
    const held = { ...status, phase: "Held" as const, reason: wanted.reason, unwanted };
    expect(decide(pr, samplePreview({ ...held, reported: "x" }), { wanted }).do).toBe(expected);
    expect(decide(pr, samplePreview(held), { wanted }).do).toBe("tell");
    expect(decide(pr, samplePreview({ ...held, reported: "x" })).do).toBe("deploy");
    const other = { wanted: { ...wanted, reason: "Another reason." } };
    expect(decide(pr, samplePreview({ ...held, reported: "x" }), other).do).toBe("hold");
  });

  test("nothing of it ever runs unasked, or against what is forbidden, whatever the record says", () => {
    const verdicts = fc.constantFrom(onRequest, forbidden, { ...forbidden, silent: true });
    const asks = fc.constantFrom(true as const, undefined);
    const anyPhase = fc.constantFrom<Phase | undefined>(undefined, ...phases);
    const nothingRuns = fc.property(anyPhase, verdicts, asks, (phase, wanted, requested) => {
      const preview = atHead({ ...(phase && { phase }) }, requested && { requested });
      const rests = ["hold", "tell", "nothing", "remove"].includes(decide(told, preview, { wanted }).do);
      return rests || (wanted.onRequest && requested === true);
    });
    expect(fc.check(nothingRuns)).toMatchObject({ failed: false });
  });
});

test("whoever has no place waits, and says its place", () => {
  expect(decide(open, undefined, { capacity: full })).toEqual({ do: "wait", line: full.line });
  expect(decide(open, atHead({ phase: "Building" }), { capacity: full }).do).toBe("wait");
  expect(decide(fork, undefined, { capacity: full }).do).toBe("hold");
  expect(decide(closed, atHead({ phase: "Waiting" }), { capacity: full }).do).toBe("remove");
});

function approved(commit: string) {
  const preview = samplePreview({ phase: "Held", observedCommit: headCommit });
  return { ...preview, spec: { ...preview.spec, approvedCommit: commit } };
}
