import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { waitFor } from "../../../infra/local/demo/wait-for.ts";
import type { Actor, Ground, Push } from "./ground.ts";
import { problemsOfRelease } from "./helm.ts";
import { endService, restartService } from "./services.ts";
import { hookRuns } from "./holds.ts";
import type { Timing } from "./timings.ts";

const buildSeconds = 3;
/** How long the registry is away. */
const outageMs = 20_000;

/** A key of the queue's in Redis. */
const jobs = (name: string) => `{greenroom}:pull-requests:${name}`;

/** What Greenroom stands on is lost for a while, or loses its memory, while it works. */
export function stores(ground: () => Ground, timings: Timing[]): void {
  describe("what Greenroom stands on", () => {
    let actor: Actor;
    let building: number;
    let hooked: number;

    beforeAll(async () => {
      await ground().crew(1);
      const opened = await ground().open("stores");
      actor = opened;
      await ground().ready(actor, opened);
      const push = await ground().push(actor, { buildSeconds });
      building = await ground().ready(actor, push);
      hooked = await ground().ready(actor, await ground().push(actor));
    });
    // One that failed may have left none.
    beforeEach(async () => {
      await ground().crew(1);
    });

    /** A fault in the middle of a build: the commit is ready in the end, and its release is in order. */
    async function duringBuild(fault: string, act: (push: Push) => Promise<void>): Promise<string[]> {
      const push = await ground().push(actor, { buildSeconds });
      await ground().building(push.since);
      await act(push);
      const disturbed = await ground().ready(actor, push, 120);
      timings.push({ fault, undisturbed: building, disturbed });
      await ground().shown(actor, push);
      return await problemsOfRelease(ground(), actor);
    }

    test("Redis forgets everything during a build", async () => {
      const redis = new Redis(ground().lab.redis);
      const problems = await duringBuild("FLUSHALL during a build", async () => {
        await redis.flushall();
      });
      redis.disconnect();
      expect(problems).toEqual([]);
      // The queue takes new work too, and the sweep is put back.
      const push = await ground().push(actor);
      expect(await ground().ready(actor, push)).toBeLessThan(30);
    });

    test("Redis forgets that somebody waits, with no worker there", async () => {
      const [worker] = await ground().crew(1);
      if (worker !== undefined) await ground().dismiss(worker, "SIGKILL");
      const push = await ground().push(actor);
      const redis = new Redis(ground().lab.redis);
      // In line, or the next after a job that the lost worker had not quite ended.
      const inLine = async () => (await redis.llen(jobs("wait"))) + (await redis.exists(jobs(`dn:${actor.key}`)));
      await waitFor("the push to be in line", 20, async () => ((await inLine()) > 0 ? true : undefined));
      await redis.flushall();
      redis.disconnect();
      const at = performance.now();
      await ground().crew(1);
      const disturbed = await ground().ready(actor, { ...push, at });
      timings.push({ fault: "FLUSHALL with a push in line, no worker", undisturbed: hooked, disturbed });
      expect(disturbed).toBeLessThan(60);
    });

    test("Redis is started anew during a build", async () => {
      expect(await duringBuild("Redis restarted during a build", () => restartService("redis"))).toEqual([]);
    });

    test("the API server is started anew in the middle of a hook", async () => {
      const push = await ground().push(actor, { hook: `${ground().gate.url}/api-server` });
      await hookRuns(ground(), actor, push);
      await restartService("kube-apiserver");
      ground().gate.open("api-server");
      const disturbed = await ground().ready(actor, push, 120);
      timings.push({ fault: "API server restarted in a hook", undisturbed: hooked, disturbed });
      // The gateway's watches went on as well.
      await ground().shown(actor, push);
      expect(await problemsOfRelease(ground(), actor)).toEqual([]);
    });

    test("the registry is away for 20 s", async () => {
      await endService("registry", "SIGKILL");
      const away = wait(outageMs).then(() => restartService("registry"));
      const push = await ground().push(actor);
      await ground().record(actor, "another try", 20, ({ status }) => (status.retries ?? 0) > 0);
      await away;
      const disturbed = await ground().ready(actor, push, 120);
      timings.push({ fault: "registry answers 503 for 20 s", undisturbed: hooked, disturbed });
      expect(await problemsOfRelease(ground(), actor)).toEqual([]);
    });

    test("BuildKit is killed during a build", async () => {
      const problems = await duringBuild("BuildKit killed during a build", async () => {
        await endService("buildkitd", "SIGKILL");
        await restartService("buildkitd");
      });
      expect(problems).toEqual([]);
    });
  });
}
