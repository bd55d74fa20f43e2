import { describe, expect, test } from "vitest";
import { type Compared, compare } from "../../../../src/pipeline/sweep/compare.ts";
import type { OpenPullRequests } from "../../../../src/ports/installations.ts";
import { stopped } from "../../../../src/preview/decide.ts";
import type { Preview, PreviewSpec, PreviewStatus } from "../../../../src/preview/preview.ts";

const head = "a".repeat(40);
const other = "b".repeat(40);
const now = new Date("2026-01-01T12:00:00Z");
const hour = 3_600_000;
const after = (hours: number) => new Date(now.getTime() + hours * hour).toISOString();

const repository = (id: number) => ({ id, nodeId: `R_${id}` });
const open = (id: number, ...numbers: number[]): OpenPullRequests => ({
  installation: 7,
  repository: repository(id),
  pullRequests: numbers.map((number) => ({ number, head, version: "1", changedAt: now, traits: "ready" })),
});

type Changes = PreviewStatus & { spec?: Partial<PreviewSpec>; deleting?: boolean };

/** The record of a preview that is all right, but for the changes. */
function record(id: number, number: number, { spec, deleting = false, ...status }: Changes = {}): Preview {
  return {
    name: `${number}-shop-${id}`,
    uid: `uid-${id}-${number}`,
    resourceVersion: "1",
    createdAt: after(-100),
    deleting,
    spec: {
      repository: { ...repository(id), fullName: "maintainer/shop" },
      pullRequest: number,
      installation: 7,
      want: "running",
      ...spec,
    },
    status: {
      phase: "Ready",
      namespace: `preview-${number}-shop`,
      readyAt: after(-99),
      lastVisitAt: after(-1),
      observedCommit: head,
      reported: "hash",
      ...status,
    },
  };
}

const unlimited = { all: undefined, installation: undefined, repository: undefined };
const nothing: Compared = {
  open: [],
  unread: [],
  records: [],
  now,
  lifetime: { idleHours: 72, warnHours: 12, afterwards: "remove" },
  limits: { previews: unlimited, builds: { ...unlimited, repository: 1 }, makeRoom: false },
  looked: new Map(),
  turn: 0,
};

function looks(seen: Partial<Compared>): string[] {
  return compare({ ...nothing, ...seen }).map(({ key, because }) => `${key.repository.id}/${key.number} ${because}`);
}

const lookedAt = (version: string, hoursAgo: number) =>
  new Map([["1/1", { version, at: now.getTime() - hoursAgo * hour }]]);

test("nothing is asked for where everything is as it should be", () => {
  const phases = ["Ready", "Failing", "Failed", "Held", "Asleep"] as const;
  const records = phases.map((phase, index) => record(1, index + 1, { phase }));
  expect(looks({ open: [open(1, 1, 2, 3, 4, 5), open(2)], records })).toEqual([]);
});

describe("an open pull request", () => {
  test("without a record is looked at", () => {
    expect(looks({ open: [open(1, 1)] })).toEqual(["1/1 it has no record"]);
  });

  test("without a record is looked at once for each state of it, and again after a day", () => {
    expect(looks({ open: [open(1, 1)], looked: lookedAt("1", 23) })).toEqual([]);
    expect(looks({ open: [open(1, 1)], looked: lookedAt("0", 1) })).toEqual(["1/1 it has no record"]);
    expect(looks({ open: [open(1, 1)], looked: lookedAt("1", 24) })).toEqual(["1/1 it has no record"]);
  });

  test("with another head than its record is looked at", () => {
    const records = [record(1, 1, { observedCommit: other })];
    expect(looks({ open: [open(1, 1)], records })).toEqual(["1/1 it has another head"]);
  });

  test("with another draft state, label or base than when it was looked at is looked at", () => {
    const because = "its labels, draft state or base are others";
    const records = [record(1, 1, { spec: { traits: "draft" } }), record(1, 2, { spec: { traits: "ready" } })];
    expect(looks({ open: [open(1, 1, 2)], records })).toEqual([`1/1 ${because}`]);
  });

  test("of which no preview is wanted is looked at once a day, and where somebody asked for it", () => {
    const held = { phase: "Held" as const, unwanted: { onRequest: true, silent: false } };
    const looksOfADay = (changes: Changes) =>
      Array.from({ length: 1_440 }, (_, turn) => {
        return looks({ open: [open(1, 1)], records: [record(1, 1, { ...held, ...changes })], turn }).length;
      }).reduce((sum, each) => sum + each, 0);
    expect(looksOfADay({})).toBe(1);
    expect(looksOfADay({ spec: { requested: true } })).toBe(1_440);
    expect(looksOfADay({ spec: { requested: true }, unwanted: { onRequest: false, silent: false } })).toBe(1);
  });

  test("is asked for by the installation it is in now, also after a transfer", () => {
    const records = [record(1, 1, { observedCommit: other, spec: { installation: 6 } }), record(1, 2)];
    const asked = compare({ ...nothing, open: [open(1, 1)], records });
    expect(asked.map(({ key }) => key.installation)).toEqual([7, 7]);
  });
});

describe("a record", () => {
  test.each([
    [0.1, 120],
    [1, 2],
    [23, 2],
    [25, 0],
  ])("whose attempt was overtaken %s hours ago is looked at in %s of 120 sweeps", (hours, times) => {
    const records = [record(1, 1, { overtakenAt: after(-hours) })];
    const sweeps = Array.from({ length: 120 }, (_, turn) => looks({ open: [open(1, 1)], records, turn }));
    expect(sweeps.flat()).toHaveLength(times);
  });

  test("without an open pull request is looked at", () => {
    expect(looks({ open: [open(1)], records: [record(1, 1)] })).toEqual(["1/1 it is not open"]);
  });

  test("of a repository that the app lost is looked at", () => {
    expect(looks({ records: [record(1, 1)] })).toEqual(["1/1 the app has no access to its repository any more"]);
  });

  test("of what could not be read is left alone, unless it asks for a look by itself", () => {
    const records = [record(1, 1), record(1, 2, { phase: "Building" }), record(2, 3)];
    const building = "1/2 work on it may have been lost";
    expect(looks({ open: [open(2, 3)], unread: [{ repository: 1, installation: 7 }], records })).toEqual([building]);
    expect(looks({ unread: [{ installation: 7 }], records })).toEqual([building]);
    expect(looks({ unread: "everything", records })).toEqual([building]);
  });

  test.each<[Changes, string]>([
    [{ deleting: true }, "its record was deleted"],
    [{ overtakenAt: after(-0.1) }, "a worker that had been stopped may have said something since"],
    [{ phase: "Building" }, "work on it may have been lost"],
    [{ phase: "Deploying" }, "work on it may have been lost"],
    [{ phase: "Removing" }, "work on it may have been lost"],
    [{ phase: "Waiting", retries: 2 }, "its next try may have been lost"],
    [{ phase: "Waiting", waitingSince: after(-1), place: 3 }, "it is next in line"],
    [{ spec: { want: "stopped" } }, "it is wanted stopped"],
    [{ spec: { want: "asleep" } }, "it is wanted asleep"],
    [{ phase: "Failed", spec: { want: "stopped" } }, "it is wanted stopped"],
    [{ phase: "Held", reason: stopped.reason }, "it is wanted running"],
    [{ phase: "Held", reason: "Nobody used it.", expiresAt: after(-1) }, "it has more time"],
    [
      { phase: "Asleep", lastVisitAt: after(-3), asleep: { since: after(-2), because: "asked", workloads: [] } },
      "it is wanted running",
    ],
    [{ lastVisitAt: after(-72) }, "its time is over"],
    [{ phase: "Failed", lastVisitAt: after(-72) }, "its time is over"],
    [
      {
        phase: "Asleep",
        lastVisitAt: after(-72),
        asleep: { since: after(-2), because: "room", workloads: [] },
      },
      "its time is over",
    ],
    [{ lastVisitAt: after(-60) }, "its time is nearly over"],
    [{ lastVisitAt: after(-60), warnedFor: after(0) }, "its time is nearly over"],
    [{ lastVisitAt: after(-1), warnedFor: after(12) }, "it has more time"],
    [
      {
        phase: "Asleep",
        lastVisitAt: after(-1),
        asleep: { since: after(-2), because: "idle", workloads: [] },
      },
      "somebody visited it or asked for it",
    ],
  ])("is looked at when due: %j", (changes, because) => {
    expect(looks({ open: [open(1, 1)], records: [record(1, 1, changes)] })).toEqual([`1/1 ${because}`]);
  });

  test("that was never told to GitHub is looked at", () => {
    const { reported: _, ...status } = record(1, 1).status;
    const records = [{ ...record(1, 1), status }];
    expect(looks({ open: [open(1, 1)], records })).toEqual(["1/1 GitHub was not told"]);
  });

  test.each<Changes>([
    { lastVisitAt: after(-59) },
    { lastVisitAt: after(-60), warnedFor: after(12) },
    { lastVisitAt: after(-100), spec: { keepUntil: after(13) } },
    { phase: "Asleep", lastVisitAt: after(-71), asleep: { since: after(-1), because: "room", workloads: [] } },
    { phase: "Held", reason: "A fork.", lastVisitAt: after(-99) },
    { phase: "Held", reason: "Nobody used it.", lastVisitAt: after(-99), expiresAt: after(-27) },
    {
      phase: "Asleep",
      lastVisitAt: after(-3),
      spec: { want: "asleep" },
      asleep: { since: after(-2), because: "asked", workloads: [] },
    },
    {
      phase: "Asleep",
      lastVisitAt: after(-3),
      asleep: { since: after(-2), because: "idle", workloads: [] },
    },
    { phase: "Held", spec: { want: "stopped" } },
  ])("is left alone when not due: %j", (changes) => {
    expect(looks({ open: [open(1, 1)], records: [record(1, 1, changes)] })).toEqual([]);
  });

  test("that is held is looked at once in an hour: its author may be trusted by then", () => {
    const records = [record(1, 3, { phase: "Held", reason: "A stranger." })];
    const turns = Array.from({ length: 120 }, (_, turn) => turn);
    const asked = turns.filter((turn) => looks({ open: [open(1, 3)], records, turn }).length > 0);
    expect(asked).toEqual([57, 117]);
  });

  test("that waits in line without room is told its place every tenth time", () => {
    const working = record(1, 1, { phase: "Building", startedWorkAt: after(-1) });
    const waiting = record(1, 3, { phase: "Waiting", waitingSince: after(-1), place: 1 });
    const asked = (turn: number) => looks({ open: [open(1, 1, 3)], records: [working, waiting], turn }).slice(1);
    const turns = Array.from({ length: 20 }, (_, turn) => turn).filter((turn) => asked(turn).length > 0);
    expect(turns).toEqual([7, 17]);
    expect(asked(7)).toEqual(["1/3 its place in the line may be another"]);
    expect(looks({ open: [open(1, 3)], records: [waiting] })).toEqual(["1/3 it is next in line"]);
  });
});

test("those that are to make room for others are looked at until they sleep", () => {
  const idle = record(1, 1, { lastVisitAt: after(-9) });
  const waiting = record(2, 3, { phase: "Waiting", waitingSince: after(-1), place: 1, namespace: undefined });
  const limits = { ...nothing.limits, previews: { ...unlimited, all: 1 }, makeRoom: { leastIdleMs: hour } };
  const seen = { open: [open(1, 1), open(2, 3)], records: [idle, waiting], limits };
  expect(looks(seen)).toEqual(["1/1 others need its room"]);
  expect(looks({ ...seen, limits: { ...limits, makeRoom: false } })).toEqual([]);
});

test("repositories take turns", () => {
  const asked = looks({ open: [open(1, 1, 2, 3), open(2, 4), open(3, 5, 6)] });
  expect(asked.map((look) => look.slice(0, 3))).toEqual(["1/1", "2/4", "3/5", "1/2", "3/6", "1/3"]);
});
