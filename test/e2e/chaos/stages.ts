import { waitFor } from "../../../infra/local/demo/wait-for.ts";
import type { Actor, Ground, Push } from "./ground.ts";
import { hold, hookRuns } from "./holds.ts";
import type { WorkerProcess } from "./worker.ts";

export const stageNames = ["checkout", "build", "Helm", "waiting", "teardown"] as const;
export type StageName = (typeof stageNames)[number];

/** Long enough for a worker to start meanwhile. */
const buildSeconds = 8;

/** Five pull requests, each for one stage of the work. */
export type Cast = Record<StageName, Actor>;

/** Opens them all and resolves when their previews are ready. */
export async function openCast(ground: Ground): Promise<Cast> {
  const opened = await Promise.all(stageNames.map((name) => ground.open(name.toLowerCase())));
  await Promise.all(opened.map((each) => ground.ready(each, { commit: each.commit, at: each.at })));
  const [checkout, build, helm, waiting, teardown] = opened;
  if (!checkout || !build || !helm || !waiting || !teardown) throw new Error("somebody is missing");
  return { checkout, build, Helm: helm, waiting, teardown };
}

/** How long each took to its right state, counted from its own change. */
export type Seconds = Record<StageName, number>;

/** The changes of one round, under way, and the name of the preview that goes. */
type Changes = Record<Exclude<StageName, "teardown">, Push> & { closedAt: number; leaving: string };

/** Plays the round with nothing in the way. */
export async function undisturbed(ground: Ground, cast: Cast): Promise<Seconds> {
  const gates = gatesOf(ground, "undisturbed");
  ground.gate.open(gates.hook.name, gates.ready.name);
  const { name: leaving } = await ground.record(cast.teardown, "being there", 5, () => true);
  const Helm = await ground.push(cast.Helm, { hook: gates.hook.url });
  const waiting = await ground.push(cast.waiting, { ready: gates.ready.url });
  const build = await ground.push(cast.build, { buildSeconds });
  const checkout = await ground.push(cast.checkout);
  const closedAt = await ground.setState(cast.teardown, "closed");
  return await settled(ground, cast, { checkout, build, Helm, waiting, closedAt, leaving });
}

/**
 * Brings each of the five to its stage, all on one worker, and holds them there while `act` does its worst and
 * answers when that was. Resolves when all have come to their right state, with the seconds that this took since then.
 */
export async function heldAtStages(
  ground: Ground,
  cast: Cast,
  round: string,
  worker: WorkerProcess,
  act: () => Promise<number>,
): Promise<Seconds> {
  const gates = gatesOf(ground, round);
  const { checkout, teardown } = cast;
  const begun = performance.now();
  const letGo = await hold(ground, teardown);
  const changes = await makeChanges(ground, cast, gates, async () => {
    // The last one: a worker fetches a repository's commits one after another.
    const hung = await ground.github.fault({
      on: "request",
      match: { surface: "git", repository: ground.repository, by: "installation" },
      when: { next: 1 },
      effect: { do: "hang" },
    });
    const push = await ground.push(checkout);
    await waitFor("the checkout to hang", 20, async () => ((await hung.struck()) > 0 ? true : undefined));
    return push;
  });
  await Promise.all([
    ground.building(changes.build.since),
    ground.record(teardown, "teardown", 30, ({ status }) => status.phase === "Removing"),
    ...stageNames.map((name) => worker.takes(cast[name].key, 30, begun)),
  ]);
  const at = await act();
  ground.gate.open(gates.hook.name, gates.ready.name);
  await letGo();
  const sinceThen = (push: Push): Push => ({ ...push, at });
  return await settled(ground, cast, {
    ...changes,
    checkout: sinceThen(changes.checkout),
    build: sinceThen(changes.build),
    Helm: sinceThen(changes.Helm),
    waiting: sinceThen(changes.waiting),
    closedAt: at,
  });
}

type Gates = Record<"hook" | "ready", { name: string; url: string }>;

function gatesOf({ gate }: Ground, round: string): Gates {
  const of = (name: string) => ({ name: `${round}-${name}`, url: `${gate.url}/${round}-${name}` });
  return { hook: of("hook"), ready: of("ready") };
}

/** Makes the changes, each when the one before has come to its stage; `push` makes the checkout's. */
async function makeChanges(ground: Ground, cast: Cast, gates: Gates, push: () => Promise<Push>): Promise<Changes> {
  const Helm = await ground.push(cast.Helm, { hook: gates.hook.url });
  const before = await ground.record(cast.waiting, "being there", 5, () => true);
  const waiting = await ground.push(cast.waiting, { ready: gates.ready.url });
  await Promise.all([
    hookRuns(ground, cast.Helm, Helm),
    ground.record(cast.waiting, "a release that waits for its pods", 30, ({ status: { release } }) => {
      return release !== undefined && release.revision > (before.status.release?.revision ?? 0);
    }),
  ]);
  const build = await ground.push(cast.build, { buildSeconds });
  await ground.building(build.since);
  const { name: leaving } = await ground.record(cast.teardown, "being there", 5, () => true);
  const checkout = await push();
  const closedAt = await ground.setState(cast.teardown, "closed");
  return { checkout, build, Helm, waiting, closedAt, leaving };
}

/** Resolves when all are as they should be: four ready at their last commit, and nothing left of the fifth. */
async function settled(ground: Ground, cast: Cast, changes: Changes): Promise<Seconds> {
  const [checkout, build, Helm, waiting, teardown] = await Promise.all([
    ground.ready(cast.checkout, changes.checkout),
    ground.ready(cast.build, changes.build),
    ground.ready(cast.Helm, changes.Helm),
    ground.ready(cast.waiting, changes.waiting),
    ground.gone(cast.teardown, changes.leaving, changes.closedAt),
  ]);
  return { checkout, build, Helm, waiting, teardown };
}
