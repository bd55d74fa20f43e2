import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { pino } from "pino";
import { createBullmqQueue } from "../../../src/adapters/bullmq/queue.ts";
import { systemClock } from "../../../src/adapters/clock.ts";
import { createDeliveries } from "../../../src/adapters/github/deliveries.ts";
import { createInstallations } from "../../../src/adapters/github/installations.ts";
import { createPullRequests } from "../../../src/adapters/github/pull-requests.ts";
import { createSharedBudget } from "../../../src/adapters/redis/shared-budget.ts";
import { startApp } from "../../../src/intake/app.ts";
import { createReceive } from "../../../src/intake/receive.ts";
import { createIntakeServer } from "../../../src/intake/server.ts";
import { emptyMemory } from "../../../src/pipeline/sweep/memory.ts";
import { sweep } from "../../../src/pipeline/sweep/sweep.ts";
import type { World } from "../../../src/pipeline/world.ts";
import type { Preview } from "../../../src/preview/preview.ts";
import { settingsSchema } from "../../../src/settings.ts";
import { startPullRequests } from "../../../workers/pull-requests.ts";
import { startRedis } from "../../contract/queue-redis-server.ts";
import { files, smallWorld } from "../../core/pipeline/small-world.ts";
import { fakeLeftovers } from "../../fakes/leftovers.ts";
import { credentialsOf, startStandIn } from "../resync/stand-in.ts";

/** How long the parts take that are played, in milliseconds. */
export type Took = { build: number; release: number };

const never = new AbortController().signal;
const setting = settingsSchema.shape;
const unasked = () => Promise.reject(new Error("nobody has asked for anything"));
const nobodyListens: RequestListener = (_, response) => void response.writeHead(503).end();

/**
 * Greenroom from webhook to comment with its default limits, on the stand-in and a Redis of its own. Builds and releases
 * are played, as slowly as `took` says.
 */
export async function callsWorld() {
  let take = nobodyListens;
  const standIn = await startStandIn((request, response) => take(request, response));
  const redis = await startRedis();
  const failures: string[] = [];
  const onError = (error: unknown) => void failures.push(String(error));
  const queue = createBullmqQueue({ url: redis.url, onError });
  const limits = {
    perMinute: setting.GREENROOM_GITHUB_WRITES_PER_MINUTE.parse(undefined),
    perHour: setting.GREENROOM_GITHUB_WRITES_PER_HOUR.parse(undefined),
  };
  const budget = createSharedBudget({ url: redis.url, limits, onError });
  const app = {
    appId: standIn.appId,
    privateKey: readFileSync(standIn.privateKeyPath, "utf8"),
    apiUrl: standIn.apiUrl,
    budget,
  };
  let took: Took = { build: 0, release: 0 };
  const fakes = smallWorld({ previews: { unconfigured: "always" } });
  const world: World = {
    ...played(fakes, () => took),
    clock: systemClock,
    queue,
    budget,
    pullRequests: createPullRequests(app),
  };
  const swept = {
    ...world,
    installations: createInstallations(app),
    deliveries: createDeliveries(app),
    leftovers: fakeLeftovers(fakes.kubernetes, fakes.records),
    commands: world.queue,
  };

  const secret = credentialsOf(standIn).webhookSecret;
  const asked = { commands: { enqueue: unasked }, presses: { add: unasked } };
  const dispatch = await startApp(queue, { ...app, secret, log: pino({ level: "silent" }) }, asked);
  const receive = createReceive({ secrets: [secret], dispatch });
  const intake = createIntakeServer({ receive, isReady: () => queue.isReady(), onError });
  take = (request, response) => void intake.emit("request", request, response);
  const stop = await startPullRequests(queue, world, world.log);
  const memory = emptyMemory();

  return {
    standIn,
    sweep: () => sweep(swept, memory, "one epoch", never),
    setTimes(times: Took) {
      took = times;
    },
    /** Resolves once the commit is ready and GitHub was told everything. */
    async told(commit: string, signal: AbortSignal): Promise<void> {
      const isTold = ({ status }: Preview) =>
        status.phase === "Ready" && status.deployedCommit === commit && status.reported !== undefined;
      while (!(await fakes.records.list()).some(isTold)) {
        if (failures.length > 0) throw new Error(failures.join("\n"));
        await systemClock.wait(100, signal);
      }
    },
    async stop() {
      await stop();
      await queue.close();
      budget.disconnect();
      await redis.stop();
      await standIn.stop();
      fakes.checkouts.close();
    },
  };
}

/** The fakes, as slow as what they stand for. Every commit has another image. */
function played({ world, checkouts }: ReturnType<typeof smallWorld>, took: () => Took): World {
  const { builder, releases } = world;
  return {
    ...world,
    checkouts: {
      fetch: (repositoryId, access, commit, signal) =>
        checkouts.fetch(repositoryId, access, checkouts.commit(repositoryId, { ...files, page: commit }), signal),
    },
    builder: {
      async build(request, onProgress, signal) {
        await systemClock.wait(took().build, signal);
        return await builder.build(request, onProgress, signal);
      },
    },
    releases: {
      ...releases,
      async release(namespace, name, objects, access, signal) {
        await systemClock.wait(took().release, signal);
        return await releases.release(namespace, name, objects, access, signal);
      },
    },
  };
}
