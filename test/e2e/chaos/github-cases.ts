import { beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../../infra/local/demo/wait-for.ts";
import type { Actor, Ground, Push } from "./ground.ts";
import type { Fault } from "./github.ts";
import type { Timing } from "./timings.ts";

/** GitHub answers badly, or its webhooks come as they like. */
export function gitHubCases(ground: () => Ground, timings: Timing[]): void {
  describe("GitHub", () => {
    let actor: Actor;
    let undisturbed: number;
    let undisturbedOpening: number;
    let undisturbedClose: number;

    beforeAll(async () => {
      await ground().crew(1);
      const other = await ground().open("opened");
      undisturbedOpening = await ground().ready(other, other);
      const { name } = await ground().record(other, "being there", 5, () => true);
      undisturbedClose = await ground().gone(other, name, await ground().setState(other, "closed"));
      const opened = await ground().open("github");
      actor = opened;
      await ground().ready(actor, opened);
      undisturbed = await ground().ready(actor, await ground().push(actor));
    });

    /** Pushes into the fault; resolves with when the push was ready and when the looks were. */
    async function pushInto(name: string, fault: Fault, times: number): Promise<{ push: Push; looks: number[] }> {
      const push = await ground().push(actor);
      await isStruck(fault, times);
      const disturbed = await ground().ready(actor, push);
      await fault.remove();
      timings.push({ fault: name, undisturbed, disturbed });
      const calls = await ground().github.callsSince(push.since);
      const struck = calls.filter(({ faults }) => faults?.includes(fault.id)).map(({ at }) => new Date(at).getTime());
      const after = calls
        .filter(({ route, by, faults }) => route === "graphql" && by.startsWith("installation:") && !faults?.length)
        .map(({ at }) => new Date(at).getTime())
        .filter((at) => at > Math.max(...struck));
      return { push, looks: [Math.max(...struck), Math.min(...after)] };
    }

    test("answers 502 five times", async () => {
      const { push } = await pushInto(
        "GitHub answers 502 five times",
        await onLooks(ground(), { do: "fail", status: 502 }, 5),
        5,
      );
      await ground().ready(actor, push);
      expect((await ground().head(actor)).commit).toBe(push.commit);
    });

    test("names a secondary limit: the push is ready all the same", async () => {
      const effect = { do: "secondary-limit", status: 429, retryAfter: 5 };
      const { push } = await pushInto("secondary limit, Retry-After 5 s", await onLooks(ground(), effect, 1), 1);
      expect((await ground().head(actor)).commit).toBe(push.commit);
    });

    test("has no requests left: they wait for its reset", async () => {
      const effect = { do: "primary-limit", status: 403, resetIn: 6 };
      const { looks } = await pushInto("rate limit, reset after 6 s", await onLooks(ground(), effect, 1), 1);
      // The reset is told in whole seconds.
      expect((looks[1] ?? 0) - (looks[0] ?? 0)).toBeGreaterThanOrEqual(5_000);
    });

    test("loses that a pull request was closed", async () => {
      const fault = await onWebhook(ground(), { action: "closed" }, { do: "drop" });
      const { name } = await ground().record(actor, "being there", 5, () => true);
      const disturbed = await ground().gone(actor, name, await ground().setState(actor, "closed"));
      expect(await fault.struck()).toBeGreaterThan(0);
      await fault.remove();
      timings.push({
        fault: "`closed` is lost",
        undisturbed: undisturbedClose,
        disturbed,
        note: "the lab sweeps every 10 s",
      });
      const at = await ground().setState(actor, "open");
      await ground().ready(actor, { ...(await ground().head(actor)), at });
    });

    test("delivers everything six times", async () => {
      const fault = await onWebhook(ground(), {}, { do: "duplicate", times: 5 });
      const opened = await ground().open("duplicated");
      const disturbed = await ground().ready(opened, opened);
      await isStruck(fault);
      await fault.remove();
      timings.push({ fault: "five duplicates of `opened`", undisturbed: undisturbedOpening, disturbed });
      const { status } = await ground().record(opened, "readiness", 5, () => true);
      expect(status.release?.revision).toBe(1);
      expect(await ground().solves(opened.since)).toHaveLength(1);
      expect(await ground().deployments(opened.commit)).toBe(1);
      await ground().setState(opened, "closed");
    });

    test("tells of a push before it tells of the pull request", async () => {
      const until = { event: "pull_request", action: "synchronize" };
      const fault = await onWebhook(ground(), { action: "opened" }, { do: "hold", until });
      const opened = await ground().open("reordered");
      const push = await ground().push(opened);
      const disturbed = await ground().ready(opened, push);
      await isStruck(fault);
      await fault.remove();
      timings.push({ fault: "`synchronize` before `opened`", undisturbed: undisturbedOpening, disturbed });
      const { status } = await ground().record(opened, "readiness", 5, () => true);
      expect(status.deployedCommit).toBe(push.commit);
      await ground().setState(opened, "closed");
    });
  });
}

async function isStruck(fault: Fault, times = 1): Promise<void> {
  await waitFor("the fault", 20, async () => ((await fault.struck()) >= times ? true : undefined));
}

/** The next looks at pull requests of the ground are answered so. */
async function onLooks({ github, repository }: Ground, effect: object, next: number): Promise<Fault> {
  const match = { surface: "graphql", by: "installation", repository };
  return await github.fault({ on: "request", match, when: { next }, effect });
}

async function onWebhook({ github, repository }: Ground, match: object, effect: object): Promise<Fault> {
  return await github.fault({ on: "webhook", match: { event: "pull_request", repository, ...match }, effect });
}
