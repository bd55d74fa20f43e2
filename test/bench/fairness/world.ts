import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { pino } from "pino";
import { createBullmqQueue } from "../../../src/adapters/bullmq/queue.ts";
import { createBullmqSweeps } from "../../../src/adapters/bullmq/sweeps.ts";
import { systemClock } from "../../../src/adapters/clock.ts";
import { createDeliveries } from "../../../src/adapters/github/deliveries.ts";
import { createInstallations } from "../../../src/adapters/github/installations.ts";
import { createPullRequests } from "../../../src/adapters/github/pull-requests.ts";
import { startApp } from "../../../src/intake/app.ts";
import { createReceive } from "../../../src/intake/receive.ts";
import { createIntakeServer } from "../../../src/intake/server.ts";
import type { SweepWorld } from "../../../src/pipeline/sweep/sweep.ts";
import type { World } from "../../../src/pipeline/world.ts";
import type { Preview } from "../../../src/preview/preview.ts";
import { settingsSchema } from "../../../src/settings.ts";
import { startPullRequests } from "../../../workers/pull-requests.ts";
import { startSweep } from "../../../workers/sweep.ts";
import { startRedis } from "../../contract/queue-redis-server.ts";
import type { TestFiles } from "../../contract/git-server.ts";
import { files, smallWorld } from "../../core/pipeline/small-world.ts";
import { roomyBudget } from "../../fakes/call-budget.ts";
import { fakeLeftovers } from "../../fakes/leftovers.ts";
import { fakePresses } from "../../fakes/presses.ts";
import { credentialsOf, type StandIn, startStandIn } from "../resync/stand-in.ts";

/** What the parts take that are played, in milliseconds: those of the deploy benchmark's push to one of three services. */
export const took = { prepare: 140, checkout: 140, build: 5_680, release: 5_480 } as const;

const setting = settingsSchema.shape;

/** Greenroom from webhook to comment, on the stand-in and a Redis of its own; the builds of some repositories hang. */
export type FairnessWorld = {
  standIn: StandIn;
  /** Begins to take webhooks and to work. */
  work(hanging: ReadonlySet<number>): Promise<void>;
  /** Resolves with what `ask` finds in the records, as soon as it finds something. */
  until<T>(what: string, seconds: number, ask: (records: readonly Preview[]) => T | undefined): Promise<T>;
  /** Resolves as soon as a comment says that this commit is ready. */
  told(commit: string, seconds: number): Promise<void>;
  stop(): Promise<void>;
};

export async function fairnessWorld(): Promise<FairnessWorld> {
  let take: RequestListener | undefined;
  const standIn = await startStandIn((request, response) => take?.(request, response));
  standIn.setDown(true);
  const redis = await startRedis();
  const concurrency = setting.GREENROOM_CONCURRENCY.parse(undefined);
  const queue = createBullmqQueue({ url: redis.url, concurrency, onError: () => undefined });
  const app = {
    appId: standIn.appId,
    privateKey: readFileSync(standIn.privateKeyPath, "utf8"),
    apiUrl: standIn.apiUrl,
    budget: roomyBudget(),
  };
  const fakes = smallWorld({
    previews: { unconfigured: "always" },
    limits: {
      builds: {
        all: undefined,
        installation: setting.GREENROOM_BUILDS_PER_INSTALLATION.parse(undefined),
        repository: setting.GREENROOM_BUILDS_PER_REPOSITORY.parse(undefined),
      },
    },
  });
  const news = createNews();
  const comments = new Set<string>();
  const failures: string[] = [];
  let hangs: ReadonlySet<number> = new Set();

  const world: World = {
    ...withTimes(fakes, (repositoryId) => hangs.has(repositoryId)),
    clock: systemClock,
    queue,
    records: told(fakes.records, () => news.tell()),
    pullRequests: commented(createPullRequests(app), (body) => {
      comments.add(body);
      news.tell();
    }),
    log: { ...fakes.world.log, error: (_, message) => void failures.push(message) },
  };
  const swept: SweepWorld = {
    ...world,
    commands: queue,
    installations: createInstallations(app),
    deliveries: createDeliveries(app),
    leftovers: fakeLeftovers(fakes.kubernetes, fakes.records),
  };
  const stops: (() => Promise<void>)[] = [];

  return {
    standIn,
    async work(hanging) {
      hangs = hanging;
      const secret = credentialsOf(standIn).webhookSecret;
      const asked = { commands: queue, presses: fakePresses() };
      const dispatch = await startApp(queue, { ...app, secret, log: pino({ level: "silent" }) }, asked);
      const receive = createReceive({ secrets: [secret], dispatch });
      const intake = createIntakeServer({
        receive,
        isReady: () => queue.isReady(),
        onError: (error) => void failures.push(String(error)),
      });
      take = (request, response) => void intake.emit("request", request, response);
      standIn.setDown(false);
      stops.push(await startPullRequests(queue, world, world.log));
      const sweeps = createBullmqSweeps({ url: redis.url, onError: () => undefined });
      stops.push(await startSweep(sweeps, swept, setting.GREENROOM_SWEEP_SECONDS.parse(undefined)));
    },
    async until(what, seconds, ask) {
      const found = news.until(what, seconds, async () => {
        if (failures.length > 0) throw new Error(failures.join("\n"));
        return ask(await fakes.records.list());
      });
      return await found.catch(async (error: unknown) => {
        const phases = Map.groupBy(await fakes.records.list(), ({ status }) => status.phase ?? "new");
        const counts = [...phases].map(([phase, { length }]) => `${length} ${phase}`);
        throw new Error(`${String(error)}; there are ${counts.join(", ")}`, { cause: error });
      });
    },
    told: async (commit, seconds) => {
      await news.until(`a comment that ${commit} is ready`, seconds, async () => {
        const found = [...comments].some((body) => body.includes("· ready ·") && body.includes(commit.slice(0, 7)));
        return found ? true : undefined;
      });
    },
    async stop() {
      for (const stop of stops) await stop();
      await queue.close();
      await redis.stop();
      await standIn.stop();
      fakes.checkouts.close();
    },
  };
}

async function after<T>(milliseconds: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  await systemClock.wait(milliseconds, signal);
  return await work();
}

/** The fakes, as slow as what they stand for. */
function withTimes(
  { world, checkouts }: ReturnType<typeof smallWorld>,
  hangs: (repositoryId: number) => boolean,
): World {
  const { cluster, builder, releases } = world;
  return {
    ...world,
    checkouts: {
      fetch: (repositoryId, access, commit, signal) =>
        after(took.checkout, signal, () => {
          const content = contentOf(commit, hangs(repositoryId));
          return checkouts.fetch(repositoryId, access, checkouts.commit(repositoryId, content), signal);
        }),
    },
    cluster: {
      ...cluster,
      prepare: (namespace, uid, kit, signal) =>
        after(took.prepare, signal, () => cluster.prepare(namespace, uid, kit, signal)),
    },
    builder: {
      build: (request, onProgress, signal) =>
        after(took.build, signal, () => builder.build(request, onProgress, signal)),
    },
    releases: {
      ...releases,
      release: (namespace, name, objects, access, signal) =>
        after(took.release, signal, () => releases.release(namespace, name, objects, access, signal)),
    },
  };
}

/** Every commit has another image; those that hang are never the same. */
function contentOf(commit: string, hangs: boolean): TestFiles {
  const dockerfile = hangs
    ? "FROM busybox:1.37\nCOPY page /page\nRUN sleep 1000\n"
    : "FROM busybox:1.37\nCOPY page /page\n";
  return { ...files, page: hangs ? randomUUID() : commit, Dockerfile: dockerfile };
}

function told(records: World["records"], tell: () => void): World["records"] {
  return {
    ...records,
    async report(...asked) {
      const written = await records.report(...asked);
      tell();
      return written;
    },
    async remove(...asked) {
      await records.remove(...asked);
      tell();
    },
  };
}

function commented(pullRequests: World["pullRequests"], tell: (body: string) => void): World["pullRequests"] {
  return {
    ...pullRequests,
    async comment(pr, id, body, signal) {
      const written = await pullRequests.comment(pr, id, body, signal);
      tell(body);
      return written;
    },
  };
}

/** Asks again whenever something was told. */
function createNews() {
  const listeners = new Set<() => void>();
  return {
    tell() {
      for (const listener of listeners) listener();
    },
    async until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const look = () => {
        ask().then((found) => (found === undefined ? undefined : resolve(found)), reject);
      };
      const timer = setTimeout(
        () => reject(new Error(`${what} did not come about within ${seconds} s`)),
        seconds * 1_000,
      );
      listeners.add(look);
      try {
        look();
        return await promise;
      } finally {
        clearTimeout(timer);
        listeners.delete(look);
      }
    },
  };
}
