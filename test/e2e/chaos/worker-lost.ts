import { beforeAll, describe, expect, test } from "vitest";
import type { Actor, Ground } from "./ground.ts";
import { problemsOfRelease } from "./helm.ts";
import { type Cast, heldAtStages, openCast, type Seconds, stageNames, undisturbed } from "./stages.ts";
import type { Timing } from "./timings.ts";
import type { Line, WorkerProcess } from "./worker.ts";

/** A job whose worker is lost runs again within so many seconds. */
const goal = 15;

/** A worker is lost while it works on five pull requests, each at another stage; another worker takes over. */
export function workerLost(ground: () => Ground, timings: Timing[]): void {
  describe("a worker that is lost during checkout, build, Helm, waiting and teardown", () => {
    let cast: Cast;
    let before: Seconds;

    beforeAll(async () => {
      await ground().crew(1);
      cast = await openCast(ground());
      before = await undisturbed(ground(), cast);
    });

    /** Loses the one worker while another stands by, and measures when each job runs again. */
    async function lose(fault: string, how: (lost: WorkerProcess) => Promise<void>): Promise<WorkerProcess> {
      await reopen();
      const [lost] = await ground().crew(1);
      if (lost === undefined) throw new Error("there is no worker");
      const standby: WorkerProcess[] = [];
      const taken: Promise<Line>[] = [];
      let at = Number.NaN;
      const after = await heldAtStages(ground(), cast, fault, lost, async () => {
        const next = await ground().start();
        standby.push(next);
        at = performance.now();
        for (const name of stageNames) taken.push(next.takes(cast[name].key, goal + 10, at));
        await how(lost);
        return at;
      });
      const seconds = (await Promise.all(taken)).map((line) => (line.at - at) / 1_000);
      timings.push(
        ...stageNames.map((name, index) => ({
          fault: `${fault} during ${name}`,
          undisturbed: before[name],
          disturbed: after[name],
          again: seconds[index] ?? Number.NaN,
        })),
      );
      expect(Math.max(...seconds)).toBeLessThan(goal);
      const [next] = standby;
      if (next === undefined) throw new Error("nobody stood by");
      return next;
    }

    async function reopen(): Promise<void> {
      const { teardown } = cast;
      const at = await ground().setState(teardown, "open");
      await ground().ready(teardown, { commit: teardown.pr.head, at });
    }

    /** What is wrong with the releases of those that stay. */
    async function problems(): Promise<string[]> {
      return (await Promise.all(stay(cast).map((actor) => problemsOfRelease(ground(), actor)))).flat();
    }

    test("by SIGKILL", async () => {
      await lose("SIGKILL", async (lost) => {
        await ground().dismiss(lost, "SIGKILL");
      });
      expect(await problems()).toEqual([]);
    });

    test("by SIGSTOP: when it goes on later, it changes nothing of what the other one did", async () => {
      let paused: WorkerProcess | undefined;
      const next = await lose("SIGSTOP", async (lost) => {
        paused = lost;
        lost.signal("SIGSTOP");
      });
      if (paused === undefined) throw new Error("nobody was paused");
      const again = paused;
      const at = performance.now();
      again.signal("SIGCONT");
      // Whoever finds that it was overtaken asks for one more look.
      const looks = stay(cast).map(({ key }) => Promise.any([next.takes(key, 30, at), again.takes(key, 30, at)]));
      await Promise.all(looks);
      await ground().dismiss(again, "SIGTERM");
      for (const actor of stay(cast)) await ground().ready(actor, { ...(await ground().head(actor)), at });
      expect(await problems()).toEqual([]);
    });

    test("by SIGTERM: it hands its jobs back within its grace period", async () => {
      let ended = { seconds: Number.NaN, code: null as number | null };
      await lose("SIGTERM", async (lost) => {
        ended = await ground().dismiss(lost, "SIGTERM");
      });
      console.log(`the worker ended ${ended.seconds.toFixed(1)} s after SIGTERM`);
      expect(ended.code).toBe(0);
      expect(ended.seconds).toBeLessThan(25);
      expect(await problems()).toEqual([]);
    });
  });
}

function stay({ checkout, build, Helm, waiting }: Cast): Actor[] {
  return [checkout, build, Helm, waiting];
}
