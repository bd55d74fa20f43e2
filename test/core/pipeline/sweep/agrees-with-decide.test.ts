import {
  type Arbitrary,
  assert,
  boolean,
  constant,
  constantFrom,
  integer,
  option as optional,
  property,
  record,
} from "fast-check";
import { expect, test } from "vitest";
import { compare } from "../../../../src/pipeline/sweep/compare.ts";
import { anyRoom } from "../../../../src/policy/capacity.ts";
import type { Lifetime } from "../../../../src/policy/lifetime.ts";
import { decide, stopped } from "../../../../src/preview/decide.ts";
import { type Preview, previewSpec, previewStatus } from "../../../../src/preview/preview.ts";
import { headCommit, samplePreview, samplePullRequest } from "../../preview/sample.ts";

const now = new Date("2026-02-01T00:00:00Z");
const hoursAgo = integer({ min: -30, max: 200 }).map((hours) =>
  new Date(now.getTime() - hours * 3_600_000).toISOString(),
);
const option = <T>(of: Arbitrary<T>) => optional(of, { nil: undefined });

const expired = "Nobody has used this preview for 72 hours, so it was removed.";

/** Whatever a preview may be like on which nobody works and whose commit is the head. */
const settled: Arbitrary<Preview> = record({
  phase: constantFrom("Ready", "Failing", "Failed", "Asleep", "Held"),
  want: constantFrom("running", "asleep", "stopped"),
  lastVisitAt: option(hoursAgo),
  lastActivityAt: option(hoursAgo),
  keepUntil: option(hoursAgo),
  calledAt: option(hoursAgo),
  keep: option(constant(true as const)),
  redo: option(constant({ token: "comment 1" })),
  redone: option(constant("comment 1")),
  because: constantFrom("asked", "idle", "room"),
  since: hoursAgo,
  deployed: boolean(),
  reported: option(constant("hash")),
  heldBecause: constantFrom("stopped", "expired"),
}).map((drawn) => {
  const { phase, want, lastVisitAt, lastActivityAt, keepUntil, reported } = drawn;
  const held = phase === "Held";
  const status = previewStatus.parse({
    phase,
    observedCommit: headCommit,
    lastVisitAt,
    lastActivityAt,
    redone: drawn.redone,
    reported,
    readyAt: "2026-01-20T00:00:00Z",
    ...(!held &&
      (drawn.deployed || phase !== "Failed") && { deployedCommit: headCommit, namespace: "preview-12-shop" }),
    ...(phase === "Failed" && {
      failure: { kind: "user", code: "x", what: "x", remedy: "x" },
    }),
    ...(phase === "Asleep" && { asleep: { since: drawn.since, because: drawn.because, workloads: [] } }),
    ...(held && drawn.heldBecause === "stopped" && { reason: stopped.reason }),
    ...(held && drawn.heldBecause === "expired" && { reason: expired, expiresAt: "2026-01-30T00:00:00Z" }),
  });
  const { spec } = samplePreview();
  const { keep, calledAt, redo } = drawn;
  return samplePreview(status, {
    spec: previewSpec.parse({ ...spec, want, keepUntil, keep, calledAt, redo }),
  });
});

const lifetimes: Arbitrary<Lifetime> = record({
  idleHours: constantFrom(0, 72),
  warnHours: constant(12),
  afterwards: constantFrom("remove", "sleep"),
});

const unlimited = { all: undefined, installation: undefined, repository: undefined };

test("the sweep asks for a look wherever a decision would change something, and nowhere where it would not", () => {
  const pr = { ...samplePullRequest(), comment: { id: 1, body: "our comment" } };
  const { installation, repository, number } = pr.key;
  assert(
    property(settled, lifetimes, (preview, lifetime) => {
      const intent = decide(pr, preview, { lifetime, wanted: { wanted: true } }, anyRoom, now);
      const looks = compare({
        open: [
          {
            installation,
            repository,
            pullRequests: [{ number, head: headCommit, version: "1", changedAt: now, traits: "t" }],
          },
        ],
        unread: [],
        records: [preview],
        now,
        lifetime,
        limits: { previews: unlimited, builds: unlimited, makeRoom: false },
        looked: new Map(),
        turn: 0,
      });
      // Whether a warning is due is decided while its health is checked.
      if (intent.do === "check-health") return;
      expect({ intent, looks: looks.length }).toEqual({ intent, looks: intent.do === "nothing" ? 0 : 1 });
    }),
    { numRuns: 2_000 },
  );
});
