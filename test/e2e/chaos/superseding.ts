import { beforeAll, describe, expect, test } from "vitest";
import type { Actor, Ground } from "./ground.ts";
import type { Timing } from "./timings.ts";
import { isDecision, type WorkerProcess } from "./worker.ts";

/** So long a build that only a cancelled one ends in time. */
const endless = { buildSeconds: 120 };

/** News of a pull request while its image is built. Webhooks come to another process than the worker that builds. */
export function superseding(ground: () => Ground, timings: Timing[]): void {
  describe("while a build runs", () => {
    let crew: WorkerProcess[];
    let actor: Actor;
    let undisturbed: number;

    beforeAll(async () => {
      // Two, so that the one which does not build hears of everything as well.
      crew = await ground().crew(2);
      const opened = await ground().open("superseded");
      actor = opened;
      await ground().ready(actor, opened);
      undisturbed = await ground().ready(actor, await ground().push(actor));
    });

    const decisions = (since: number, intent: string) =>
      crew.flatMap(({ lines }) => lines.filter((line) => line.at >= since && isDecision(line, actor.key, intent)));

    test("a newer push ends it, and only then the next checkout begins", async () => {
      const older = await ground().push(actor, endless);
      const ref = await ground().building(older.since);
      const newer = await ground().push(actor);
      const disturbed = await ground().ready(actor, newer);
      timings.push({ fault: "a newer push during a build", undisturbed, disturbed });
      const fetches = (await ground().github.callsSince(newer.since)).filter(
        ({ by, path }) => by.startsWith("installation:") && path.includes(`${ground().repository}.git`),
      );
      const first = Math.min(...fetches.map(({ at, milliseconds }) => new Date(at).getTime() - milliseconds));
      expect(await endOf(ground(), ref, older.since)).toBeLessThan(first);
    });

    test("a label ends nothing: one build, one deploy", async () => {
      const before = await ground().record(actor, "readiness", 10, () => true);
      const push = await ground().push(actor, { buildSeconds: 3 });
      await ground().building(push.since);
      const { owner, repo, number: issue_number } = actor.pr;
      await ground().hello.owner.octokit.issues.addLabels({ owner, repo, issue_number, labels: ["nice"] });
      await ground().ready(actor, push);
      expect(await ground().solves(push.since)).toHaveLength(1);
      expect(decisions(push.at, "deploy")).toHaveLength(1);
      const after = await ground().record(actor, "readiness", 10, () => true);
      expect(after.status.release?.revision).toBe((before.status.release?.revision ?? 0) + 1);
    });

    test("a close ends it, and nothing is left", async () => {
      const push = await ground().push(actor, endless);
      const ref = await ground().building(push.since);
      const { name } = await ground().record(actor, "being there", 5, () => true);
      await ground().gone(actor, name, await ground().setState(actor, "closed"));
      expect(await endOf(ground(), ref, push.since)).toBeGreaterThan(push.since.getTime());
      const at = await ground().setState(actor, "open");
      const { commit } = await ground().head(actor);
      expect(commit).toBe(push.commit);
      await ground().ready(actor, { ...(await ground().push(actor)), at });
    });

    test("thirty pushes end in one deploy of the last, and at most one other", async () => {
      const before = await ground().record(actor, "readiness", 10, () => true);
      const pushes = await ground().storm(actor, 30);
      const last = pushes.at(-1);
      if (last === undefined) throw new Error("nothing was pushed");
      const disturbed = await ground().ready(actor, last);
      const { status } = await ground().record(actor, "readiness", 10, () => true);
      const revisions = (status.release?.revision ?? 0) - (before.status.release?.revision ?? 0);
      const solves = await ground().solves(pushes[0]?.since ?? new Date());
      const finished = solves.filter(({ failed }) => !failed);
      const note = `${revisions} deploys, ${solves.length} builds begun, ${finished.length} of them finished`;
      timings.push({ fault: "thirty pushes, after the last", undisturbed, disturbed, note });
      expect(revisions).toBeGreaterThanOrEqual(1);
      expect(revisions).toBeLessThanOrEqual(2);
      expect(finished.length).toBeLessThanOrEqual(2);
      expect(status.deployedCommit).toBe(last.commit);
    });
  });
}

/** When the solve of that reference was over, in milliseconds since 1970. */
async function endOf(ground: Ground, ref: string, since: Date): Promise<number> {
  const solve = (await ground.solves(since)).find((each) => each.ref === ref);
  if (solve === undefined || solve.ended === null) throw new Error(`the solve ${ref} runs on`);
  expect(solve.failed).toBe(true);
  return solve.ended;
}
