import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  capacityOf,
  givingRoom,
  isAtWork,
  isInLine,
  type Limits,
  needsNothing,
  needsOf,
  nextInLine,
  takesRoom,
  withoutLaterClaims,
} from "../../../src/policy/capacity.ts";
import { keyOf } from "../../../src/preview/key.ts";
import type { Preview, PreviewStatus } from "../../../src/preview/preview.ts";
import { headCommit, samplePreview } from "../preview/sample.ts";

const any = { all: undefined, installation: undefined, repository: undefined };
const unlimited: Limits = { previews: any, builds: any, makeRoom: false };
const now = new Date("2026-01-01T12:00:00Z");
const minute = (count: number) => new Date(now.getTime() - count * 60_000).toISOString();

function record(repository: number, number: number, status: PreviewStatus, installation = 7): Preview {
  const preview = samplePreview({ observedCommit: headCommit, ...status }, { uid: `uid-${repository}-${number}` });
  const spec = { ...preview.spec, installation, pullRequest: number };
  return { ...preview, spec: { ...spec, repository: { ...spec.repository, id: repository } } };
}
const working = (repository: number, number: number, at = minute(5)) =>
  record(repository, number, { phase: "Building", startedWorkAt: at });
const waiting = (repository: number, number: number, since: string) =>
  record(repository, number, { phase: "Waiting", waitingSince: since });
const ready = (repository: number, number: number, lastVisitAt: string) =>
  record(repository, number, { phase: "Ready", namespace: "preview", lastVisitAt, deployedCommit: headCommit });
const builds = (changes: Partial<Limits["builds"]>): Limits => ({ ...unlimited, builds: { ...any, ...changes } });
const previews = (changes: Partial<Limits["previews"]>): Limits => ({
  ...unlimited,
  previews: { ...any, ...changes },
  makeRoom: { leastIdleMs: 15 * 60_000 },
});
const asks = (preview: Preview) => ({ key: keyOf(preview), needs: needsOf(preview, false) });
const numbers = (records: readonly Preview[]) => records.map(({ spec }) => `${spec.repository.id}/${spec.pullRequest}`);

describe("a place", () => {
  test("is free where there are no limits", () => {
    expect(capacityOf([working(1, 1), working(1, 2)], unlimited, asks(record(1, 3, {})), now).line).toBeUndefined();
  });

  test("is counted for the repository, the installation and all", () => {
    const others = [working(1, 1), working(2, 1), record(3, 1, { phase: "Building", startedWorkAt: minute(1) }, 8)];
    const asked = asks(record(1, 9, {}));
    expect(capacityOf(others, builds({ repository: 1 }), asked, now).line?.because).toContain("of this repository");
    expect(capacityOf(others, builds({ installation: 2 }), asked, now).line?.because).toContain("(2)");
    expect(capacityOf(others, builds({ all: 3 }), asked, now).line?.because).toContain("in all");
    expect(capacityOf(others, builds({ repository: 2, installation: 3, all: 4 }), asked, now).line).toBeUndefined();
  });

  test("is not taken from those who waited longer, except where they wait for something else", () => {
    const limits = builds({ repository: 1, installation: 2 });
    // Of repository 1 one works and one waits for it; repository 2 has its turn.
    const others = [working(1, 1), waiting(1, 2, minute(9))];
    expect(capacityOf(others, limits, asks(record(2, 1, {})), now).line).toBeUndefined();
    const longer = [...others, waiting(2, 2, minute(3))];
    expect(capacityOf(longer, limits, asks(record(2, 1, {})), now).line).toMatchObject({ place: 1, of: 1 });
  });

  test("goes round the repositories", () => {
    const line = [1, 2, 3].map((number) => waiting(1, number, minute(60 - number)));
    const others = [...line, waiting(2, 1, minute(5)), waiting(3, 1, minute(4))];
    const next = nextInLine([...others, working(9, 1)], builds({ installation: 4 }));
    expect(new Set(numbers(next))).toEqual(new Set(["1/1", "2/1", "3/1"]));
  });

  test("is given back by sleep, and needed again to wake", () => {
    const asleep = { since: minute(9), because: "idle" as const, workloads: [] };
    const sleeping = record(1, 1, { phase: "Asleep", namespace: "preview", asleep });
    expect(takesRoom(sleeping)).toBe(false);
    expect(takesRoom(record(1, 1, { phase: "Deploying", namespace: "preview", asleep }))).toBe(true);
    const limits = previews({ all: 1 });
    expect(capacityOf([sleeping], limits, asks(record(1, 2, {})), now).line).toBeUndefined();
    const own = { key: keyOf(sleeping), needs: needsOf(sleeping, true) };
    expect(capacityOf([sleeping, ready(1, 2, minute(1))], limits, own, now).line).toMatchObject({ place: 1 });
    // To wake, nothing is built.
    const busy = [sleeping, working(1, 3), working(1, 4)];
    expect(capacityOf(busy, builds({ repository: 1 }), own, now).line).toBeUndefined();
  });

  test("of two that claim at once, neither takes it if both see both, and the earlier one has the better claim", () => {
    const [one, other] = [working(1, 1, minute(2)), working(1, 2, minute(1))];
    const limits = builds({ repository: 1 });
    for (const claimant of [one, other]) {
      expect(capacityOf([one, other], limits, asks(claimant), now).line).toBeDefined();
    }
    expect(capacityOf(withoutLaterClaims([one, other], one), limits, asks(one), now).line).toBeUndefined();
    expect(capacityOf(withoutLaterClaims([one, other], other), limits, asks(other), now).line).toBeDefined();
  });
});

describe("room is made", () => {
  const idle = ready(1, 1, minute(120));
  const used = ready(1, 2, minute(16));
  const justUsed = ready(1, 3, minute(1));
  const asked = waiting(2, 1, minute(3));
  const limits = previews({ all: 3 });
  const gives = (preview: Preview, records: Preview[], rules = limits) =>
    capacityOf(records, rules, { key: keyOf(preview), needs: needsNothing }, now).givesRoom;

  test("by the one that nobody has used for longest, and only by that", () => {
    const records = [used, idle, justUsed, asked];
    expect(capacityOf(records, limits, asks(asked), now).line?.makeRoom).toBe(idle);
    expect([idle, used, justUsed].map((each) => gives(each, records))).toEqual([true, false, false]);
  });

  test("for each that waits by another one, also where a newer commit has failed", () => {
    const failed = record(1, 4, { phase: "Failed", namespace: "preview", lastVisitAt: minute(60) });
    const records = [used, idle, failed, asked, waiting(3, 1, minute(2))];
    expect(givingRoom(records, limits, now)).toEqual([idle, failed]);
    expect([idle, used, failed].map((each) => gives(each, records))).toEqual([true, false, true]);
    expect(records.filter(isInLine).map((each) => capacityOf(records, limits, asks(each), now).line?.makeRoom)).toEqual(
      [idle, failed],
    );
    // Once the first sleeps, whoever waited for it has room, and nobody else has to go.
    const asleep = { since: minute(0), because: "room" as const, workloads: [] };
    const sleeping = record(1, 1, { phase: "Asleep", namespace: "preview", asleep });
    const then = records.map((each) => (each === idle ? sleeping : each));
    expect([numbers(nextInLine(then, limits)), givingRoom(then, limits, now)]).toEqual([["2/1"], [failed]]);
  });

  test("not where nobody waits, where all were used just now, or the operator does not want it", () => {
    expect(gives(idle, [idle, used, justUsed])).toBe(false);
    const busy = [justUsed, ready(1, 4, minute(2)), ready(1, 5, minute(3)), asked];
    expect(capacityOf(busy, limits, asks(asked), now).line).toMatchObject({ place: 1 });
    expect(capacityOf(busy, limits, asks(asked), now).line?.makeRoom).toBeUndefined();
    expect(gives(idle, [idle, used, justUsed, asked], { ...limits, makeRoom: false })).toBe(false);
  });

  test("not by one that somebody wants kept, nor by one of another repository where that would not help", () => {
    const kept = { ...idle, spec: { ...idle.spec, keepUntil: "2026-02-01T00:00:00Z" } };
    const records = [kept, used, justUsed, asked];
    expect(capacityOf(records, limits, asks(asked), now).line?.makeRoom).toBe(used);
    const perRepository = previews({ repository: 1 });
    const other = [idle, ready(2, 5, minute(20)), asked];
    expect(capacityOf(other, perRepository, asks(asked), now).line?.makeRoom).toBe(other[1]);
  });
});

/** Pull requests of some repositories that want to be built. */
const world = fc.record({
  limits: fc.record({ all: fc.integer({ min: 1, max: 6 }), installation: fc.integer({ min: 1, max: 5 }) }),
  repositoryLimit: fc.integer({ min: 1, max: 4 }),
  wants: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 25 }),
  ends: fc.array(fc.nat(), { maxLength: 60 }),
});

describe("in any history", () => {
  test("no limit is passed, the line moves as far as there is room, and everybody has a turn", () => {
    fc.assert(
      fc.property(world, ({ limits: some, repositoryLimit, wants, ends }) => {
        const limits = builds({ ...some, repository: repositoryLimit });
        // Two installations with two repositories each.
        let records = wants.map((repository, index) => ({
          ...waiting(repository, index, minute(100 - index)),
          spec: record(repository, index, {}, repository % 2).spec,
        }));
        const begin = (each: Preview) =>
          (records = records.map((one) => (one.uid === each.uid ? { ...one, status: working(1, 1).status } : one)));
        const atWork = () => records.filter(isAtWork);
        const most = (of: (preview: Preview) => unknown) =>
          Math.max(0, ...[...Map.groupBy(atWork(), of).values()].map(({ length }) => length));
        const step = () => {
          const called = nextInLine(records, limits);
          for (const each of called) {
            expect(capacityOf(records, limits, asks(each), now).line).toBeUndefined();
            begin(each);
          }
          expect(atWork().length).toBeLessThanOrEqual(some.all);
          expect(most(({ spec }) => spec.installation)).toBeLessThanOrEqual(some.installation);
          expect(most(({ spec }) => spec.repository.id)).toBeLessThanOrEqual(repositoryLimit);
          // Whoever still waits is told a place in a line in which everybody stands once.
          for (const each of records.filter(isInLine)) {
            const { line } = capacityOf(records, limits, asks(each), now);
            expect(line?.place).toBeGreaterThanOrEqual(1);
            expect(line?.place).toBeLessThanOrEqual(line?.of ?? 0);
          }
        };
        step();
        for (const end of ends) {
          const [ended] = atWork().slice(end % Math.max(1, atWork().length));
          records = records.filter((one) => one !== ended);
          step();
        }
        while (atWork().length > 0) {
          records = records.filter((one) => !isAtWork(one));
          step();
        }
        expect(records).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
