import { enqueueAll } from "../../src/intake/app.ts";
import type { ObeyWorld } from "../../src/pipeline/obey.ts";
import { emptyMemory } from "../../src/pipeline/sweep/memory.ts";
import { sweep, type SweepWorld } from "../../src/pipeline/sweep/sweep.ts";
import { collectImages } from "../../src/pipeline/collect-images.ts";
import { sameKey } from "../../src/preview/key.ts";
import type { Rules, World } from "../../src/pipeline/world.ts";
import type { Log } from "../../src/ports/log.ts";
import type { Presses } from "../../src/ports/presses.ts";
import type { Handler, Queue } from "../../src/ports/queue.ts";
import { startCommands } from "../../workers/commands.ts";
import { startPullRequests } from "../../workers/pull-requests.ts";
import { smallWorld } from "../core/pipeline/small-world.ts";
import { createFakeDeliveries } from "../fakes/deliveries.ts";
import { createFakeInstallations } from "../fakes/installations.ts";
import { fakeLeftovers } from "../fakes/leftovers.ts";
import { fakePresses } from "../fakes/presses.ts";
import { createFakeQueue } from "../fakes/queue.ts";
import { clusterLife } from "./cluster-life.ts";
import { baseConfig } from "./contents.ts";
import type { Coverage } from "./coverage.ts";
import { createFaults } from "./faults.ts";
import { callsOf, gate } from "./gate.ts";
import { createPeople } from "./people.ts";
import { createProcess, type Process } from "./process.ts";
import { type Random, seededRandom } from "./random.ts";
import type { Story } from "./story.ts";
import { createTurns, type Turn } from "./turns.ts";
import { createWatch } from "./watch.ts";
import type { SharedCheckouts } from "./shared-checkouts.ts";
import { commentWebhook, type Webhook } from "./webhooks.ts";

/** How long a build takes, in milliseconds. */
const buildMs = 5_000;
const never = new AbortController().signal;

export type ModelRules = Partial<Pick<Rules, "lifetime" | "limits" | "images">>;

/** One worker process with its own way to everything. */
export type Worker = { process: Process; handlers: Handler[]; sweep(): Promise<void> };

type Ports = Omit<World, "clock" | "log" | "rules" | "budget" | "queue"> &
  Pick<SweepWorld, "installations" | "deliveries" | "leftovers"> &
  Pick<ObeyWorld, "conversation" | "queue">;

export type ModelWorld = Awaited<ReturnType<typeof createModelWorld>>;

/** The real pipeline, queue consumer and sweep of several workers, in a world of fakes that fails them as it likes. */
export async function createModelWorld(
  seed: number,
  modelRules: ModelRules,
  story: Story,
  coverage: Coverage,
  checkouts: SharedCheckouts,
) {
  const random: Random = seededRandom(seed);
  const people = createPeople();
  const watch = createWatch(() => small.kubernetes, people);
  const life = clusterLife(
    () => small.kubernetes,
    () => small.clock,
    { applied: (object) => watch.applied(object), pass: (milliseconds, signal) => turns.pass(milliseconds, signal) },
  );
  const small = smallWorld({
    releases: life,
    cluster: { folder: checkouts.folder },
    ownTime: true,
    config: baseConfig,
    checkouts: checkouts.fakes,
  });
  const { clock, github } = small;
  github.permit("maintainer", "write");
  story.follow(clock);
  const turns = createTurns(clock, random);
  const queue = createFakeQueue({ clock });
  const commands = createFakeQueue({ clock });
  const installations = createFakeInstallations(github);
  const deliveries = createFakeDeliveries(() => clock.now());
  const rules = { ...small.world.rules, ...modelRules };
  const presses: Presses = {
    ...fakePresses(),
    consume: () => Promise.resolve(() => Promise.resolve()),
    close: () => Promise.resolve(),
  };
  const receive = async ({ name, payload }: Webhook): Promise<void> => {
    await enqueueAll(queue, { id: "delivery", name, payload }, { commands, presses });
  };
  const bare: World = {
    ...small.world,
    pullRequests: {
      ...small.world.pullRequests,
      async comment(pr, id, body, signal) {
        const written = await small.world.pullRequests.comment(pr, id, body, signal);
        const now = github.all().find(({ key }) => sameKey(key, pr.key)) ?? pr;
        await deliveries.deliver(() =>
          receive(commentWebhook(now, written === id ? "edited" : "created", body, "Bot")),
        );
        return written;
      },
    },
    checkouts: {
      fetch: async (_repositoryId, _access, commit, signal) => {
        signal.throwIfAborted();
        return await checkouts.of(commit, small.contents.get(commit) ?? {});
      },
    },
    queue,
    rules,
    builder: {
      async build(request, onProgress, signal) {
        await turns.pass(buildMs, signal);
        return await small.builder.build(request, onProgress, signal);
      },
    },
  };
  const {
    clock: _clock,
    log: _log,
    rules: _rules,
    budget: _budget,
    ...pipelinePorts
  } = watch.watched(bare, () => turns.current());
  const ports: Ports = {
    ...pipelinePorts,
    queue: {
      enqueue: (key, cause) => queue.enqueue(key, cause),
      announce: (announcement) => queue.announce(announcement),
    },
    conversation: github.conversation,
    installations: {
      openPullRequests: (signal, onTrouble) => installations.openPullRequests(signal, onTrouble),
      comments: (of, since, signal) => installations.comments(of, since, signal),
    },
    deliveries: {
      troubled: (since, signal) => deliveries.troubled(since, signal),
      redeliver: (id, signal) => deliveries.redeliver(id, signal),
    },
    leftovers: fakeLeftovers(small.kubernetes, small.records),
  };
  const calls = Object.entries(ports).flatMap(([name, port]) => callsOf(name, port));
  coverage.expect(calls);

  const workers: Worker[] = [];
  let wasStopped = false;
  let lastWorker = 0;

  const faults = createFaults((fault, { process }) => {
    const where = `${fault.moment} ${fault.call}`;
    if (fault.does === "crash") {
      coverage.crashed(fault.call, fault.moment);
      story.tell(`${process.name} crashes ${where}`);
      crash(process);
    } else if (fault.does === "stop") {
      story.tell(`${process.name} is stopped ${where}`);
      stop(process);
    } else
      story.tell(
        `${where} of ${process.name} fails${fault.moment === "after" ? ": it worked, the answer is lost" : ""}`,
      );
  });

  const workerOf = (process: Process) => workers.find((worker) => worker.process === process);
  const woken = new Map<Process, () => void>();

  function crash(process: Process): void {
    const worker = workerOf(process);
    process.die();
    for (const handler of worker?.handlers ?? []) for (const each of [queue, commands]) each.stall(handler);
    workers.splice(0, workers.length, ...workers.filter((each) => each !== worker));
    void startWorker();
  }

  function stop(process: Process): void {
    process.pause();
    wasStopped = true;
    const handlers = workerOf(process)?.handlers ?? [];
    const wakes = handlers.flatMap((handler) => [queue.stall(handler), commands.stall(handler)]);
    woken.set(process, () => {
      for (const wake of wakes) wake();
    });
  }

  function resume(process: Process): void {
    if (process.state() !== "paused") return;
    story.tell(`${process.name} goes on`);
    process.resume();
    woken.get(process)?.();
    woken.delete(process);
  }

  async function startWorker(): Promise<void> {
    lastWorker += 1;
    const process = createProcess(`worker ${lastWorker}`, (milliseconds) => clock.wait(milliseconds, never));
    const keeper = { turns, fate: (turn: Turn) => faults.fate(turn) };
    const own = <T extends object>(name: string, port: T): T => gate(name, port, process, keeper);
    const gated: Ports = {
      pullRequests: own("pullRequests", ports.pullRequests),
      queue: own("queue", ports.queue),
      conversation: own("conversation", ports.conversation),
      checkouts: own("checkouts", ports.checkouts),
      builder: own("builder", ports.builder),
      registry: own("registry", ports.registry),
      ledger: own("ledger", ports.ledger),
      records: own("records", ports.records),
      cluster: own("cluster", ports.cluster),
      releases: own("releases", ports.releases),
      installations: own("installations", ports.installations),
      deliveries: own("deliveries", ports.deliveries),
      leftovers: own("leftovers", ports.leftovers),
    };
    const log = logOf(process);
    /** Now and then so little may be written that what matters for a moment only is not told. */
    const budget = { isLow: () => Promise.resolve(random.chance(0.1)) };
    const world = { ...gated, budget, clock: clockOf(process), log, rules };
    const memory = emptyMemory();
    const worker: Worker = {
      process,
      handlers: [],
      async sweep() {
        await sweep({ ...world, commands }, memory, "epoch", never);
        await collectImages(world, never).catch((error: unknown) =>
          log.warn({}, `images not collected: ${String(error)}`),
        );
      },
    };
    workers.push(worker);
    const consumed = (from: Queue): Queue => ({
      ...from,
      consume: (handler, onAnnouncement) => {
        // It died while it was starting: nothing of it may take a job any more.
        if (process.state() === "dead") return Promise.resolve(() => Promise.resolve());
        const heard: Handler = (key, signal) => handler(key, process.hears(signal));
        worker.handlers.push(heard);
        return from.consume(heard, (news) => process.state() === "running" && onAnnouncement(news));
      },
    });
    await startPullRequests(consumed(queue), world, log);
    await startCommands(consumed(commands), presses, world, log);
  }

  function clockOf(process: Process): World["clock"] {
    return {
      now: () => clock.now(),
      wait: async (milliseconds, signal) => {
        try {
          await clock.wait(milliseconds, signal);
        } finally {
          await process.awake();
        }
      },
    };
  }

  function logOf(process: Process): Log {
    const tell = (message: string, fields: object) =>
      story.detail(`${process.name}: ${message} ${JSON.stringify(fields)}`);
    return {
      debug: (fields, message) => tell(message, fields),
      info: (fields, message) => {
        if (message === "decided") coverage.decided(String(fields.intent));
        tell(message, fields);
      },
      warn: (fields, message) => tell(message, fields),
      error: (fields, message, error) => {
        const what = error instanceof Error ? `${message}: ${error.message}` : message;
        tell(what, fields);
        // An image that could not be collected is none.
        if (error !== undefined && !/images/.test(what))
          watch.violations.push(`${process.name} runs into a bug: ${what}`);
      },
    };
  }

  await startWorker();
  await startWorker();
  return {
    small,
    github,
    clock,
    kubernetes: small.kubernetes,
    records: small.records,
    queue,
    commands,
    people,
    deliveries,
    /** What the intake does with a webhook. */
    receive,
    turns,
    faults,
    calls,
    workers,
    /** Whether a worker was stopped, after which it goes on with what it knew before. */
    wasStopped: () => wasStopped,
    watch,
    life,
    rules,
    random,
    crash,
    stop,
    resume,
  };
}
